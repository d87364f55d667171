import { posix } from 'node:path';
import type { ConfigSource } from '../facts/helpers.ts';
import { dig, objectAt, textAt, textsAt } from '../json.ts';
import { cleanPath, mountOf } from '../mount-paths.ts';
import type { ContainerView, PodView, VolumeView } from '../pod-view.ts';
import { absent, chainReading, known, type Origin, type Reading, unknown } from '../reading.ts';
import { type CollectedObject, fieldPath } from '../snapshot.ts';
import { originOf, type World } from '../world.ts';

/** Follows a path in a container to the ConfigMap and key whose text the container finds there. */
export function locateConfig(
  world: World,
  pod: PodView,
  container: ContainerView,
  path: string,
): Reading<ConfigSource> {
  if (path.includes('$(')) return unknown('no-evidence', `the path ${path} depends on an environment variable`);
  const here: Origin = { object: pod.ref, field: `${container.path}.volumeMounts` };
  const mounted = mountOf(container, path);
  if (!mounted) return absent('mount', `a volume of container ${container.name} that holds ${cleanPath(path)}`, here);
  const volume = pod.volumes.find(({ name }) => name === mounted.mount.volume);
  if (!volume) return absent('mount', `volume ${mounted.mount.volume}`, here);
  if (volume.type !== 'configMap') return elsewhere(volume, path);
  const key = keyAt(volume, mounted.inVolume);
  if (key === undefined) {
    const what = `a key of ConfigMap ${volume.configMap} that volume ${volume.name} projects to ${mounted.inVolume}`;
    return absent('key', what, { object: pod.ref, field: `${volume.field}.configMap` });
  }
  const namespace = pod.ref.namespace;
  // Left-over template text can't name any object, whatever else was collected.
  const ref = { kind: 'ConfigMap', ...(namespace === undefined ? {} : { namespace }), name: volume.configMap };
  if (!/^[a-z0-9.-]+$/.test(volume.configMap)) {
    return absent('object', `ConfigMap ${volume.configMap}`, { object: ref });
  }
  return chainReading(world.object('ConfigMap', namespace, volume.configMap), (found) => sourceIn(found, key));
}

/** Paths in a container at which a ConfigMap that it mounts has a text with settings of spiffe-helper. */
export function configPaths(world: World, pod: PodView, container: ContainerView): readonly string[] {
  return container.mounts.flatMap(({ volume: name, path, subPath }) => {
    const volume = pod.volumes.find((candidate) => candidate.name === name);
    if (volume?.type !== 'configMap') return [];
    const found = world.object('ConfigMap', pod.ref.namespace, volume.configMap);
    if (found.state !== 'known') return [];
    return Object.entries(textsAt(dig(found.value.object, 'data'))).flatMap(([key, text]) => {
      const file = volume.items.length === 0 ? key : volume.items.find((item) => item.key === key)?.path;
      if (file === undefined || !SETTINGS.test(text)) return [];
      if (subPath === undefined) return [posix.join(path, file)];
      return subPath === file ? [path] : [];
    });
  });
}

const SETTINGS = /^[ \t]*(?:agent_address|cert_dir|svid_file_name)[ \t]*=/m;

function sourceIn(found: CollectedObject, key: string): Reading<ConfigSource> {
  const origin = originOf(found, fieldPath('data', key));
  const text = textAt(dig(found.object, 'data', key));
  const { object: configMap = { kind: 'ConfigMap', name: '' } } = origin;
  if (text !== undefined) return known({ configMap, key, text, origin }, origin);
  if (Object.hasOwn(objectAt(found.object.binaryData), key)) {
    return unknown('unreadable', `ConfigMap ${configMap.name} holds ${key} as binary data`);
  }
  return absent('key', `key ${key} of ConfigMap ${configMap.name}`, originOf(found));
}

/** The key that stands at a path of the volume; undefined when none is projected there. */
function keyAt(volume: VolumeView & { readonly type: 'configMap' }, inVolume: string): string | undefined {
  if (volume.items.length === 0) return inVolume.includes('/') || inVolume === '' ? undefined : inVolume;
  return volume.items.find((item) => cleanPath(item.path) === `/${inVolume}`)?.key;
}

function elsewhere(volume: VolumeView, path: string): Reading<ConfigSource> {
  switch (volume.type) {
    case 'secret':
      return unknown('unreadable', `${path} comes from Secret ${volume.secret}; what Secrets hold is never read`);
    case 'emptyDir':
      return unknown('no-evidence', `${path} is written by another container into volume ${volume.name}`);
    default:
      return unknown('no-evidence', `${path} lies in volume ${volume.name}, which is not a ConfigMap`);
  }
}
