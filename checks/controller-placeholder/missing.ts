import { posix } from 'node:path';
import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { PlaceholderMount } from '../../src/evidence/facts/controller.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import type { Trouble } from './as-haproxy.ts';
import { addContent, createPlaceholder, usualConfigMap } from './content-fixes.ts';
import { createDummy } from './dummy.ts';
import { durableMount, phaseOf, type Scene, saidByController } from './scene.ts';
import { mountPlaceholder } from './workload-fixes.ts';

type Missing = Trouble & { readonly kind: 'missing' };

/** Why there is nothing at an expected path. */
export function missingFinding(scene: Scene, { expected, says }: Missing): Finding {
  const { pod, container, placeholder } = scene;
  const directory = posix.dirname(expected.path);
  const name = posix.basename(expected.path);
  const here = placeholder.mounts.find(({ path }) => path === directory || path === expected.path);
  const above = placeholder.mounts.find(
    ({ path }) => path !== directory && isAbove(path, directory) && holds(path, name),
  );
  const elsewhere = placeholder.mounts.find((mount) => mount !== here && holds(mount.path, name));
  const mounting = { pod, container, directory, durable: durableMount(scene) };
  const at = (mount: PlaceholderMount | undefined) =>
    fieldOrigin(pod, mount?.field ?? `${container.path}.volumeMounts`);
  const common = { ...phaseOf(scene), culprit: pod.workload };
  const evidenceOf = (mount: PlaceholderMount | undefined, excerpt: string) => [
    { from: at(mount), excerpt },
    ...saidByController(scene),
  ];
  const data = { container: container.name, path: expected.path, snippet: scene.snippet };

  function holds(path: string, file: string): boolean {
    const mount = placeholder.mounts.find((candidate) => candidate.path === path);
    return mount?.files.state === 'known' && mount.files.value.some((known) => posix.basename(known) === file);
  }

  if (here?.files.state === 'absent') {
    return {
      ...common,
      message: 'config-map-missing',
      data: { ...data, configMap: here.configMap.name, mounted: here.path },
      culprit: here.configMap,
      evidence: evidenceOf(here, here.configMap.name),
      fix: createPlaceholder(scene, here),
    };
  }
  if (here) {
    const files = here.files.state === 'known' ? here.files.value.join(', ') : '';
    return {
      ...common,
      message: 'key-missing',
      data: { ...data, key: name, configMap: here.configMap.name, says },
      culprit: here.configMap,
      evidence: [
        { from: expected.file.state === 'absent' ? expected.file.from : at(here), excerpt: `keys: ${files}` },
        ...saidByController(scene),
      ],
      fix: addContent(scene, here, expected.path),
    };
  }
  if (above) {
    return {
      ...common,
      message: 'hides-directory',
      data: { ...data, configMap: above.configMap.name, mounted: above.path },
      evidence: evidenceOf(above, `mountPath: ${above.path}`),
      fix: mountPlaceholder(mounting, above.configMap, above.volume, above),
    };
  }
  if (elsewhere) {
    return {
      ...common,
      message: 'wrong-path',
      data: { ...data, configMap: elsewhere.configMap.name, mounted: elsewhere.path },
      evidence: evidenceOf(elsewhere, `mountPath: ${elsewhere.path}`),
      fix: mountPlaceholder(mounting, elsewhere.configMap, elsewhere.volume, elsewhere),
    };
  }
  const configMap = placeholder.candidate ?? usualConfigMap(scene);
  const volume = pod.volumes.find(
    (candidate) => candidate.type === 'configMap' && candidate.configMap === configMap.name,
  );
  const fix = mountPlaceholder(mounting, configMap, volume?.name);
  return {
    ...common,
    message: 'not-mounted',
    data,
    evidence: evidenceOf(undefined, placeholder.mounts.map(({ path }) => path).join(', ') || 'no ConfigMap is mounted'),
    fix: placeholder.candidate || scene.fromFiles ? fix : withContent(scene, fix, configMap),
  };
}

/** Nothing in the namespace has such files yet. */
function withContent(scene: Scene, fix: Fix, configMap: ObjectRef): Fix {
  const { preconditions: _made, ...rest } = fix;
  return { ...rest, commands: [createDummy(scene, configMap), ...(fix.commands ?? [])] };
}

function isAbove(path: string, directory: string): boolean {
  return directory.startsWith(path === '/' ? path : `${path}/`);
}
