import { redactLog, redactObjects, redactProbe } from '../../src/evidence/redact/index.ts';
import { API_VERSION, type CollectedObject, type Snapshot } from '../../src/evidence/snapshot.ts';
import { type ManifestsIo, readManifests } from '../../src/sources/manifests/index.ts';
import { type Scenario, toManifest } from './build.ts';
import type { CaseFile } from './case-file.ts';
import { iso, OBSERVED_AT } from './moments.ts';

const TOOL = { name: 'kubectl-haptic_spire', version: '0.0.0-test' };

/** Every kind that live gathering lists; in a scenario all of them were listed completely. */
const KINDS = [
  'Namespace',
  'Node',
  'Pod',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'ConfigMap',
  'Secret',
  'Event',
  'Service',
  'Endpoints',
  'Ingress',
  'CSIDriver',
  'CSINode',
  'ClusterSPIFFEID',
  'HAProxyTemplateConfig',
  'HAProxyCfg',
  'ResourceQuota',
];

/** Carries a scenario through the gate, the same way as its source does. */
export async function assembleSnapshot(
  scenario: Scenario,
  { source, complete }: Pick<CaseFile, 'source' | 'complete'>,
): Promise<Snapshot> {
  if (source === 'files') return fromFiles(scenario, complete);
  const at = iso(OBSERVED_AT);
  const collected = scenario.objects.map((object): CollectedObject => ({ object, at }));
  const { objects, redactions } = redactObjects(collected);
  const refused = (kind: string) =>
    scenario.notCollected.some(({ target }) => target.what === 'objects' && target.kind === kind);
  return {
    apiVersion: API_VERSION,
    kind: 'Snapshot',
    tool: TOOL,
    observedAt: at,
    source: { kind: 'live', context: 'prod', server: 'https://192.0.2.10:6443', serverVersion: 'v1.34.2' },
    objects,
    coverage: KINDS.filter((kind) => !refused(kind)).map((kind) => ({ kind })),
    logs: scenario.logs.map((log) => ({ ...log, text: redactLog(roleOfLog(log.container), log.text) })),
    probes: scenario.probes.map((probe) => ({ ...probe, answers: redactProbe(probe.answers) })),
    notCollected: scenario.notCollected,
    redactions,
    requests: { list: KINDS.length, exec: scenario.probes.length, log: scenario.logs.length, other: 1 },
    notes: [],
  };
}

/** Through the source for files, as one manifest that `helm template` could have printed. */
async function fromFiles(scenario: Scenario, complete: boolean): Promise<Snapshot> {
  const io: ManifestsIo = {
    list: async () => undefined,
    read: async () => new TextEncoder().encode(toManifest(scenario.objects)),
    stdin: async () => new Uint8Array(),
  };
  return readManifests({ files: ['installation.yaml'], recursive: false, complete, now: OBSERVED_AT, tool: TOOL }, io);
}

function roleOfLog(container: string): 'helper' | 'reloader' | 'controller' | 'agent' {
  if (container === 'spiffe-helper') return 'helper';
  if (container === 'controller') return 'controller';
  return container === 'spire-agent' ? 'agent' : 'reloader';
}
