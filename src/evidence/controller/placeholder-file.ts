import { parseCertificate } from '../certificate.ts';
import type { PlaceholderFile } from '../facts/controller.ts';
import { dataChangedAt } from '../helper-config/in-effect.ts';
import { dig } from '../json.ts';
import { type MountedPath, mountOf } from '../mount-paths.ts';
import { fieldOrigin } from '../pod-origin.ts';
import type { ContainerView, PodView, VolumeView } from '../pod-view.ts';
import { absent, chainReading, known, type Reading, unknown } from '../reading.ts';
import { readReducedPem } from '../reduced-pem.ts';
import { type CollectedObject, fieldPath } from '../snapshot.ts';
import { originOf, refOf, type World } from '../world.ts';

type ConfigMapVolume = VolumeView & { readonly type: 'configMap' };

/** The file that a container sees at `path`, as far as it comes from a ConfigMap. */
export function readExpectedFile(
  world: World,
  pod: PodView,
  container: ContainerView,
  path: string,
): Reading<PlaceholderFile> {
  const mounted = mountOf(container, path);
  const from = fieldOrigin(pod, `${container.path}.volumeMounts`);
  if (!mounted) return absent('mount', `a volume at ${path} in container ${container.name}`, from);
  const volume = pod.volumes.find(({ name }) => name === mounted.mount.volume);
  if (!volume) return absent('mount', `volume ${mounted.mount.volume}`, from);
  if (volume.type === 'configMap') return fromConfigMap(world, pod, mounted, volume);
  // The base image has nothing there, and a directory that starts empty stays so: the controller writes elsewhere.
  if (volume.type === 'emptyDir' && !pod.containers.some(({ place }) => place === 'init')) {
    return absent('file', `${path} in the empty volume ${volume.name}`, from);
  }
  const what = volume.type === 'secret' ? `Secret ${volume.secret}, which is not read` : `volume ${volume.name}`;
  return unknown('unreadable', `${path} comes from ${what}`);
}

function fromConfigMap(
  world: World,
  pod: PodView,
  { mount, inVolume }: MountedPath,
  volume: ConfigMapVolume,
): Reading<PlaceholderFile> {
  const item = volume.items.find((candidate) => candidate.path === inVolume);
  const key = volume.items.length > 0 ? item?.key : inVolume;
  return chainReading(world.object('ConfigMap', pod.ref.namespace, volume.configMap), (collected, from) => {
    const missing = (name: string) =>
      absent('key', `key ${name} in ConfigMap ${pod.ref.namespace}/${volume.configMap}`, from);
    if (key === undefined) return missing(inVolume);
    const content = contentOf(collected, key);
    if (!content) return missing(key);
    const { reduced, field } = content;
    if (!reduced) return unknown('unreadable', `${field} of ConfigMap ${volume.configMap} was not recorded as PEM`);
    const origin = originOf(collected, field);
    const changedAt = dataChangedAt(collected.object, key);
    return known(
      {
        configMap: refOf(collected.object),
        key,
        blocks: reduced.reducedPem,
        certificates: reduced.reducedPem.flatMap((block) => {
          const parsed = block.class === 'certificate' && block.loads.ok ? parseCertificate(block.pem) : undefined;
          return parsed?.ok ? [parsed.certificate] : [];
        }),
        mode: item?.mode ?? volume.defaultMode,
        subPath: mount.subPath !== undefined,
        origin,
        ...(changedAt === undefined ? {} : { changedAt }),
      },
      origin,
    );
  });
}

function contentOf({ object }: CollectedObject, key: string) {
  for (const part of ['data', 'binaryData']) {
    const content = dig(object, part, key);
    if (content !== undefined) return { reduced: readReducedPem(content), field: fieldPath(part, key) };
  }
  return undefined;
}
