import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../../../src/evidence/json.ts';
import type { ContainerView, PodView } from '../../../src/evidence/pod-view.ts';
import { viewPod } from '../../../src/evidence/view-pod.ts';
import { textAt } from '../cluster/fields.ts';
import type { KubeObject, ProgramContext } from '../seams.ts';

/** A pod and one container of it, as their spec describes them. */
export interface ContainerSpec {
  readonly pod: PodView;
  readonly container: ContainerView;
}

export function containerOf(pod: KubeObject, name: string): ContainerSpec {
  const view = viewPod({ object: pod as JsonObject, at: '' });
  const container = view.containers.find((candidate) => candidate.name === name);
  if (container === undefined) throw new Error(`pod ${view.ref.name} has no container ${name}`);
  return { pod: view, container };
}

/** Last part of the image's name, without registry and tag. */
export function imageName(container: KubeObject): string {
  return /([^/:@]*)(?::[^/]*)?(?:@.*)?$/.exec(textAt(container, 'image'))?.[1] ?? '';
}

/** A file of the container as its program reads it at the start; undefined: it is not there. */
export async function fileOf(context: ProgramContext, path: string): Promise<string | undefined> {
  const onHost = context.onHost(path);
  if (onHost === undefined) return undefined;
  try {
    return await readFile(onHost, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
