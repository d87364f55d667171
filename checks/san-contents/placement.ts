import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import { hidingMount, mountOf } from '../../src/evidence/mount-paths.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { PodView, VolumeView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import type { haproxyMessages } from './messages.ts';

export type HaproxyFinding = Finding & { readonly message: keyof typeof haproxyMessages };

const CERT_MANAGER = 'spiffe.csi.cert-manager.io';
const NEEDS_HELPER =
  'A driver that writes files is replaced by one that offers a socket: the pod also needs a spiffe-helper.';

/** The volume in which container haproxy sees a path. */
export function volumeAt(pod: PodView, path: string): VolumeView | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const place = haproxy && mountOf(haproxy, path);
  return place && pod.volumes.find(({ name }) => name === place.mount.volume);
}

/** Containers beside HAProxy's own, the helper and what pushes certificates that share the volume of a file. */
export function strangersAt(pod: PodView, path: string): readonly string[] {
  const volume = volumeAt(pod, path);
  return pod.containers
    .filter(({ role, place }) => role === 'other' && place !== 'init')
    .filter(({ mounts }) => mounts.some(({ volume: name, readOnly }) => name === volume?.name && !readOnly))
    .map(({ name }) => name);
}

/** Lets container haproxy see an emptyDir into which a spiffe-helper writes, where it has another volume now. */
function showHelperFiles(pod: PodView, wrong: VolumeView, path: string): Pick<Fix, 'commands'> | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const helper = pod.containers.find(({ role }) => role === 'spiffe-helper');
  const written = helper && mountOf(helper, path);
  // The helper looks at the same volume and cannot write there.
  if (written?.mount.volume === wrong.name && (wrong.type === 'csi' || wrong.type === 'configMap')) {
    const commands = changeTemplate(pod, { volumes: [{ name: wrong.name, [wrong.type]: null, emptyDir: {} }] });
    return commands.length === 0 ? undefined : { commands };
  }
  const target = pod.volumes.find(({ name, type }) => name === written?.mount.volume && type === 'emptyDir');
  if (!haproxy || !written || !target || target.name === wrong.name) return undefined;
  const covers = haproxy.mounts.some(
    ({ volume, path: at, subPath }) => volume === target.name && at === written.mount.path && subPath === undefined,
  );
  const changes: JsonObject[] = haproxy.mounts
    .filter(({ volume }) => volume === wrong.name)
    .map((mount) =>
      !covers && mount.path === written.mount.path && mount.subPath === undefined
        ? { mountPath: mount.path, name: target.name, readOnly: null }
        : { $patch: 'delete', mountPath: mount.path },
    );
  if (!covers && !changes.some(({ name }) => name === target.name))
    changes.push({ mountPath: written.mount.path, name: target.name });
  const commands = changeTemplate(pod, containerPatch(haproxy, { volumeMounts: changes }));
  return commands.length === 0 ? undefined : { commands };
}

/** Container haproxy mounts the helper's volume, and something else over the place where the helper writes. */
function hidesHelper(pod: PodView, path: string): boolean {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const helper = pod.containers.find(({ role }) => role === 'spiffe-helper');
  const written = helper && mountOf(helper, path);
  return (
    haproxy !== undefined &&
    written !== undefined &&
    hidingMount(haproxy, written.mount.volume, written.inVolume) !== undefined
  );
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
  // That it hides what a helper writes is told by spiffe-dir, and taking it away cures it.
  if (!volume || hidesHelper(pod, `${directory}/svid.pem`)) return undefined;
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
        ? (showHelperFiles(pod, volume, `${directory}/svid.pem`) ?? { manual: NEEDS_HELPER })
        : {
            manual: NEEDS_HELPER,
            edit: {
              file: origin.file,
              ...(origin.line === undefined ? {} : { line: origin.line }),
              before: `driver: ${volume.driver}`,
              after: 'driver: csi.spiffe.io',
            },
          }),
      durable: 'haproxy.extraVolumes and haproxy.sidecars of the Helm values',
      impact: 'rollout',
    },
  };
}

/** What brings a placeholder onto an HAProxy pod: a ConfigMap mounted over the directory, or a copy of its files. */
export function placeholderFix(pod: PodView, path: string, agents: Reading<readonly ServingAgent[]>): Fix {
  const volume = volumeAt(pod, path);
  const durable =
    'the volumes of the HAProxy pods in the Helm values; only controller.extraVolumes may name the placeholder';
  if (volume?.type === 'configMap') {
    return {
      summary: `Take the volume ${volume.name} (ConfigMap ${volume.configMap}) out of container haproxy, so that spiffe-helper\u2019s files are seen.`,
      ...(showHelperFiles(pod, volume, path) ?? {
        manual:
          'No spiffe-helper was seen that writes into a volume at this place: what should stand there instead has to be decided in the values.',
      }),
      durable,
      impact: 'rollout',
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
