import type { PodView } from './pod-view.ts';
import type { Origin } from './reading.ts';

/** Where a field of a pod, or of the template that makes it, was read; the nearest line that the file knows. */
export function fieldOrigin(pod: PodView, field: string): Origin {
  const file = pod.source?.file;
  const line = file === undefined ? undefined : lineOf(pod, field);
  return {
    object: pod.ref,
    field,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}

function lineOf(pod: PodView, field: string): number | undefined {
  const lines = pod.source?.lines ?? {};
  for (let path = field; path !== ''; path = path.replace(/(?:\.[^.[\]]+|\[[^\]]*\]|^[^.[\]]+)$/, '')) {
    if (Object.hasOwn(lines, path)) return lines[path];
    if (!/(?:\.[^.[\]]+|\[[^\]]*\]|^[^.[\]]+)$/.test(path)) return undefined;
  }
  return undefined;
}
