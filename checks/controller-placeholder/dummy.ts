import { posix } from 'node:path';
import type { DummyPart, Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { ExpectedFile } from '../../src/evidence/facts/controller.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import { phaseOf, rejection, type Scene } from './scene.ts';

const PART: Readonly<Record<ExpectedFile['role'], DummyPart>> = {
  certificate: 'certificate',
  key: 'key',
  bundle: 'certificate',
};

/** One dummy certificate for all files, each under the key that the volume shows at its path. */
function partsOf({ placeholder, pod, container }: Scene): Readonly<Record<string, DummyPart>> {
  return Object.fromEntries(
    placeholder.expected.map(({ role, path, file }) => {
      const mounted = mountOf(container, path);
      const volume = pod.volumes.find(({ name }) => name === mounted?.mount.volume);
      const item =
        volume?.type === 'configMap' ? volume.items.find((one) => one.path === mounted?.inVolume) : undefined;
      const key = file.state === 'known' ? file.value.key : (item?.key ?? posix.basename(path));
      return [key, PART[role]] as const;
    }),
  );
}

/** Makes the ConfigMap, or what it lacks. */
export function createDummy(scene: Scene, configMap: ObjectRef): KubectlCommand {
  const namespace = configMap.namespace === undefined ? {} : { namespace: configMap.namespace };
  const metadata = { name: configMap.name, ...namespace };
  const document = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  return { ...namespace, args: ['apply', '-f', '-'], stdin: { document, dummyPem: partsOf(scene) } };
}

/** Replaces the files in a ConfigMap that exists; what else it holds stays. */
export function replaceDummy(scene: Scene, configMap: ObjectRef): KubectlCommand {
  const args = ['patch', `configmap/${configMap.name}`, '--type=merge', '--patch-file=/dev/stdin'];
  return {
    ...(configMap.namespace === undefined ? {} : { namespace: configMap.namespace }),
    args,
    stdin: { document: {}, dummyPem: partsOf(scene) },
  };
}

/** A verdict that the controller has reached is not thought over when files change; without one, nothing has to restart. */
export function thenRestart(scene: Scene, isHanging = false): Pick<Fix, 'impact'> & { commands: KubectlCommand[] } {
  const subPath = scene.placeholder.expected.some(({ file }) => file.state === 'known' && file.value.subPath);
  const needed = isHanging || subPath || rejection(scene) !== undefined || phaseOf(scene).phase === 'active';
  const commands = needed ? [...restartOf(scene.pod)] : [];
  return { commands, impact: commands.length > 0 ? 'rollout' : 'none' };
}
