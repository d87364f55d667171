import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { Absent } from '../../src/evidence/reading.ts';
import { fatalPhase, type HelperScene } from './scene.ts';
import { addKey, createConfig, mountConfig, readElsewhere } from './source-fixes.ts';

/** The path of `-config` leads nowhere. */
export function sourceFindings(scene: HelperScene, source: Absent): readonly Finding[] {
  const { view, pod, helper } = scene;
  const missing = source.what;
  const evidence = [
    { from: { object: pod.ref, field: `${helper.container.path}.args` }, excerpt: `-config ${view.path}` },
    { from: source.from, excerpt: `${missing}: not there` },
  ];
  const data = { helper: view.helper, path: view.path, missing };
  const common = { data, evidence, phase: fatalPhase(scene) } as const;
  const optional = pod.volumes.some(
    (volume) => volume.type === 'configMap' && volume.optional && volume.configMap === source.from.object?.name,
  );
  if (source.missing === 'object' && !optional) {
    const culprit = source.from.object ?? pod.workload;
    const fix = {
      summary: `Create ${missing} in the namespace of the pod, or correct the name in the pod's volume.`,
      durable: 'the object where the release declares it (with the HAPTIC chart: extraDeploy in its values)',
      impact: 'rollout',
      ...(scene.at.fromFiles
        ? { manual: 'only you know what the configuration should say' }
        : createConfig(scene, culprit)),
    } as const;
    const hint = missing.includes('{{') ? ' (nothing filled the template in its name in)' : '';
    return [{ ...common, data: { ...data, hint }, message: 'config-map-missing', culprit, fix }];
  }
  // What runs has read a file: it came with the image, or from a mount that is not seen here.
  if (scene.survived && source.missing === 'mount') return [];
  const fix = {
    summary: `Make -config and the mounted key agree: ${view.path} must be the mount path of the ConfigMap's volume followed by the key's name.`,
    durable: `args and volumeMounts of container ${view.helper} (with the HAPTIC chart: haproxy.sidecars and haproxy.extraVolumes)`,
    impact: 'rollout',
    ...provide(scene, source),
  } as const;
  return [{ ...common, message: 'config-path', culprit: pod.workload, fix }];
}

/** What is there already comes first; else what is missing is made. */
function provide(scene: HelperScene, source: Absent): Pick<Fix, 'commands' | 'manual' | 'preconditions'> {
  if (scene.at.fromFiles) return { manual: 'either side can be meant' };
  const [path] = scene.view.elsewhere ?? [];
  const { object } = source.from;
  if (path !== undefined) return readElsewhere(scene, path);
  if (object?.kind === 'ConfigMap')
    return source.missing === 'object' ? createConfig(scene, object) : addKey(scene, object);
  return mountConfig(scene);
}
