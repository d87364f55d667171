import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';
import { helperDown, helperLine, NEVER_ISSUED } from './installation.ts';

const HAPROXY = 'Deployment haptic/haptic-haproxy';
const CONFIG = { object: 'ConfigMap haptic/haptic-spiffe-helper-config' };
const AT = 'data["helper.conf"]';
const DIAL =
  'Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /spiffe-workload-api/agent.sock: connect: no such file or directory"';

/** What is wrong, by the check that has to notice it when it may look. */
const FAULTS: Readonly<Record<string, readonly Change[]>> = {
  'helper-image-tag': [
    {
      object: HAPROXY,
      set: { at: 'spec.template.spec.containers[2].image', to: 'ghcr.io/spiffe/spiffe-helper:v0.11.0' },
    },
    helperDown('ImagePullBackOff', 'Back-off pulling image "ghcr.io/spiffe/spiffe-helper:v0.11.0"'),
    ...NEVER_ISSUED,
  ],
  'helper-config-syntax': [
    { ...CONFIG, replace: { at: AT, from: 'health_checks {', to: '[health_checks]' } },
    helperDown('CrashLoopBackOff', '', 9),
    ...NEVER_ISSUED,
  ],
  'csi-socket-name': [
    { ...CONFIG, replace: { at: AT, from: 'spire-agent.sock', to: 'agent.sock' } },
    { log: { container: 'spiffe-helper', lines: [helperLine('-20s', 'error', DIAL)] } },
    ...NEVER_ISSUED,
  ],
  'spiffe-dir': [
    { object: HAPROXY, set: { at: 'spec.template.spec.initContainers', to: [] } },
    { disk: { absent: ['directory', 'svid', 'key', 'bundle'] } },
    { memory: { loaded: false } },
  ],
  'file-ownership': [
    { object: HAPROXY, set: { at: 'spec.template.spec.containers[2].securityContext.runAsUser', to: 0 } },
    { stat: { path: '/etc/haproxy/spiffe/svid.pem.key', uid: 0, gid: 0, mode: '0600' } },
  ],
};

const refuse = (kind: string): Change => ({ refuse: { what: 'objects', kind, why: 'forbidden' } });
const REFUSALS: Readonly<Record<string, readonly Change[]>> = {
  nothing: [],
  'ConfigMaps of HAPTIC': [{ refuse: { what: 'objects', kind: 'ConfigMap', namespace: 'haptic', why: 'forbidden' } }],
  'ConfigMaps of SPIRE': [
    { refuse: { what: 'objects', kind: 'ConfigMap', namespace: 'spire-server', why: 'forbidden' } },
  ],
  'pods/exec': [{ refuse: { what: 'probe', why: 'forbidden' } }],
  'logs of the helper': [{ refuse: { what: 'log', container: 'spiffe-helper', why: 'forbidden' } }],
  CSINodes: [refuse('CSINode')],
  CSIDrivers: [refuse('CSIDriver')],
  DaemonSets: [refuse('DaemonSet')],
  Events: [refuse('Event')],
  ReplicaSets: [refuse('ReplicaSet')],
  "HAPTIC's own kinds": [refuse('HAProxyCfg'), refuse('HAProxyTemplateConfig')],
  'everything but the pods': [
    ...[
      'ConfigMap',
      'CSINode',
      'CSIDriver',
      'DaemonSet',
      'Event',
      'ReplicaSet',
      'HAProxyCfg',
      'HAProxyTemplateConfig',
    ].map(refuse),
    { refuse: { what: 'probe', why: 'forbidden' } },
    { refuse: { what: 'log', container: 'spiffe-helper', why: 'forbidden' } },
  ],
};

async function stateOf(id: string, changes: readonly Change[]): Promise<readonly string[]> {
  const alone = checks.filter((check) => check.id === id).map((check) => ({ ...check, after: [] }));
  const report = judgeSnapshot(await buildCase({ source: 'live', complete: true, change: changes }), alone);
  return report.results.filter(({ check }) => check === id).map(({ state }) => state);
}

describe.each(Object.entries(FAULTS))('a fault that %s notices', (id, fault) => {
  it.each(Object.entries(REFUSALS))('is never ok while %s may not be seen', async (refused, changes) => {
    const states = await stateOf(id, [...fault, ...changes]);
    expect(states.length).toBe(2);
    for (const state of states) expect(state).toMatch(refused === 'nothing' ? /^fail$/ : /^(?:fail|warn|unknown)$/);
  });
});

describe.each(Object.keys(FAULTS))('%s over a healthy installation', (id) => {
  it.each(Object.entries(REFUSALS))('accuses nothing while %s may not be seen', async (_refused, changes) => {
    for (const state of await stateOf(id, changes)) expect(state).toMatch(/^(?:ok|unknown)$/);
  });
});
