import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { PodView, VolumeView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { haproxyMessages } from './messages.ts';

export type HaproxyFinding = Finding & { readonly message: keyof typeof haproxyMessages };

const CERT_MANAGER = 'spiffe.csi.cert-manager.io';

/** The volume in which container haproxy sees a path. */
export function volumeAt(pod: PodView, path: string): VolumeView | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const place = haproxy && mountOf(haproxy, path);
  return place && pod.volumes.find(({ name }) => name === place.mount.volume);
}

/** HAProxy's certificate directory is a volume of cert-manager's driver; plain from the spec. */
export function certManagerFinding(
  pod: PodView,
  volumes: Reading<WorkloadApiVolumes>,
  directory: string,
): HaproxyFinding | undefined {
  const drivers = volumes.state === 'known' ? volumes.value.volumes : [];
  const used = volumeAt(pod, `${directory}/svid.pem`);
  const volume = drivers.find(({ driver, name }) => driver === CERT_MANAGER && name === used?.name);
  if (!volume) return undefined;
  const origin = fieldOrigin(pod, volume.field);
  return {
    message: 'cert-manager-driver',
    data: { directory, driver: volume.driver },
    culprit: pod.workload,
    evidence: [{ from: origin, excerpt: `csi driver ${volume.driver}` }],
    fix: {
      summary:
        'Let HAProxy get its SVID from SPIRE: a csi.spiffe.io volume for a spiffe-helper that writes into an emptyDir here.',
      ...(origin.file === undefined
        ? {}
        : {
            edit: {
              file: origin.file,
              ...(origin.line === undefined ? {} : { line: origin.line }),
              before: `driver: ${volume.driver}`,
              after: 'driver: csi.spiffe.io',
            },
          }),
      durable: 'haproxy.extraVolumes and haproxy.sidecars of the Helm values',
      impact: 'rollout',
      manual: 'A driver that writes files is replaced by one that offers a socket: the pod also needs a spiffe-helper.',
    },
  };
}

/** What brings a placeholder onto an HAProxy pod: a ConfigMap mounted over the directory, or a copy of its files. */
export function placeholderFix(
  pod: PodView,
  volume: VolumeView | undefined,
  agents: Reading<readonly ServingAgent[]>,
): Fix {
  const durable =
    'the volumes of the HAProxy pods in the Helm values; only controller.extraVolumes may name the placeholder';
  if (volume?.type === 'configMap') {
    return {
      summary: `Take the volume ${volume.name} (ConfigMap ${volume.configMap}) out of the HAProxy pods, so that spiffe-helper\u2019s files are seen.`,
      durable,
      impact: 'rollout',
      manual: 'Which mounts belong to the volume and what should stand there instead has to be decided in the values.',
    };
  }
  return {
    summary:
      'Find what copies the placeholder there and remove it, then replace the pods so that the helper writes an SVID.',
    ...replacementOf(pod, agents),
    durable,
    impact: 'rollout',
    preconditions: ['Nothing copies the placeholder into the pod any more.'],
  };
}
