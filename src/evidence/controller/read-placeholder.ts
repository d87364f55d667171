import { posix } from 'node:path';
import { discover } from '../discovery.ts';
import type { ExpectedFile, Placeholder, PlaceholderMount, Shadow } from '../facts/controller.ts';
import { snippet } from '../facts/installation.ts';
import { renderedConfigOf } from '../facts/rendered-config.ts';
import { dig, objectAt } from '../json.ts';
import { below, cleanPath } from '../mount-paths.ts';
import { fieldOrigin } from '../pod-origin.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { mapReading, type ObjectRef, type Reading } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { refKey, type Subject, sameRef } from '../subject.ts';
import { workloadsOf } from '../workloads.ts';
import { refOf, type World } from '../world.ts';
import { readExpectedFile } from './placeholder-file.ts';

const GUIDE = { certificate: '/etc/haproxy/spiffe/svid.pem', bundle: '/etc/haproxy/spiffe/bundle.pem' };

/** What the controller's container has at the paths that rendered configurations name. */
export function readPlaceholder(world: World, subject: Subject, pod: PodView, container: ContainerView): Placeholder {
  const template = snippet.read(world, subject);
  const declared = template.state === 'known' ? template.value : undefined;
  const certificate = declared ? declared.certificate : GUIDE.certificate;
  const bundle = declared ? declared.caFile : GUIDE.bundle;
  const paths: readonly (readonly [ExpectedFile['role'], string])[] = [
    // HAProxy reads the CA file first and stops there when it cannot.
    ...(bundle?.startsWith('/') ? [['bundle', bundle] as const] : []),
    ...(certificate === undefined
      ? []
      : [['certificate', certificate] as const, ['key', `${certificate}.key`] as const]),
  ];
  const expected = paths.map(([role, path]) => ({ role, path, file: readExpectedFile(world, pod, container, path) }));
  const mounts = configMapMounts(world, pod, container);
  const config = renderedConfigOf(world, subject);
  const version = /-haproxy(\d+\.\d+)/.exec(container.image.tag ?? '')?.[1];
  return {
    container: container.name,
    containerPath: container.path,
    ...(version === undefined ? {} : { haproxyVersion: version }),
    pathsFrom: declared ? 'snippet' : 'guide',
    expected,
    mounts,
    ...candidateOf(
      world,
      pod,
      paths.map(([, path]) => path),
    ),
    shadows: shadowsOf(
      world,
      subject,
      paths.map(([, path]) => path),
      placeholdersOf(expected, mounts, pod),
    ),
    ...(config.state === 'known' ? { daemon: config.value.global.daemon } : {}),
  };
}

function configMapMounts(world: World, pod: PodView, container: ContainerView): readonly PlaceholderMount[] {
  const namespace = pod.ref.namespace;
  return container.mounts.flatMap((mount): PlaceholderMount[] => {
    const volume = pod.volumes.find(({ name }) => name === mount.volume);
    if (volume?.type !== 'configMap') return [];
    const configMap = { kind: 'ConfigMap', ...(namespace === undefined ? {} : { namespace }), name: volume.configMap };
    const files: Reading<readonly string[]> = mapReading(
      world.object('ConfigMap', namespace, volume.configMap),
      (collected) => (volume.items.length > 0 ? volume.items.map(({ path }) => path) : dataKeys(collected)),
    );
    return [
      {
        path: cleanPath(mount.path),
        volume: mount.volume,
        field: mount.field,
        configMap,
        subPath: mount.subPath !== undefined,
        files,
      },
    ];
  });
}

function candidateOf(world: World, pod: PodView, paths: readonly string[]): { readonly candidate?: ObjectRef } {
  const names = paths.map((path) => posix.basename(path)).filter((name) => !name.endsWith('.key'));
  const found = world
    .list('ConfigMap', pod.ref.namespace)
    .items.find((collected) => names.every((name) => dataKeys(collected).includes(name)));
  return found && names.length > 0 ? { candidate: refOf(found.object) } : {};
}

function dataKeys({ object }: CollectedObject): readonly string[] {
  return [...Object.keys(objectAt(dig(object, 'data'))), ...Object.keys(objectAt(dig(object, 'binaryData')))];
}

/** Names of the ConfigMaps that hold placeholders: those at the expected paths, and any whose name says so. */
function placeholdersOf(
  expected: readonly ExpectedFile[],
  mounts: readonly PlaceholderMount[],
  pod: PodView,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { file } of expected) if (file.state === 'known') names.add(refKey(file.value.configMap));
  for (const { path, configMap } of mounts) {
    if (expected.some((file) => below(path, file.path) !== undefined) && configMap.namespace === pod.ref.namespace)
      names.add(refKey(configMap));
  }
  return names;
}

/**
 * Where a HAProxy pod of the release has a ConfigMap at the place of its own certificates. In a pod with a spiffe-helper
 * it covers the directory of the SVID, whatever it holds, and that is found on the pod itself.
 */
function shadowsOf(
  world: World,
  subject: Subject,
  paths: readonly string[],
  placeholders: ReadonlySet<string>,
): readonly Shadow[] {
  const installation = discover(world).installations.find(
    ({ ref }) => subject.installation !== undefined && sameRef(ref, subject.installation),
  );
  const shadows = new Map<string, Shadow>();
  for (const { ref, template, pods } of workloadsOf(world)) {
    if (!installation?.haproxyWorkloads.some((workload) => sameRef(workload, ref))) continue;
    for (const pod of [template, ...pods]) {
      if (pod.containers.some(({ role }) => role === 'spiffe-helper')) continue;
      for (const container of pod.containers.filter(({ role }) => role === 'haproxy')) {
        for (const { path, field, configMap } of configMapMounts(world, pod, container)) {
          const holdsPlaceholder = placeholders.has(refKey(configMap)) || /placeholder|validation/.test(configMap.name);
          if (!holdsPlaceholder || !paths.some((expected) => below(path, expected) !== undefined)) continue;
          const key = `${refKey(ref)} ${container.name} ${path}`;
          if (!shadows.has(key))
            shadows.set(key, {
              workload: ref,
              container: container.name,
              path,
              configMap,
              origin: fieldOrigin(pod, field),
            });
        }
      }
    }
  }
  return [...shadows.values()];
}
