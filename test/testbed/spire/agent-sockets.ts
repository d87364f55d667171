import { cleanPath } from '../../../src/evidence/mount-paths.ts';
import type { ContainerView, PodView } from '../../../src/evidence/pod-view.ts';
import { commandsOf } from '../../../src/evidence/shell-script.ts';
import { hostPathOf } from '../../../src/evidence/spire/agent-daemon-sets.ts';
import type { ContainerSpec } from './container.ts';

/**
 * Paths on the node under which an agent's Workload API can be dialled: its own socket, and every link to it that an
 * init container of the pod makes with `ln -sf TARGET NAME`.
 */
export function socketPaths({ pod, container }: ContainerSpec, socketPath: string): ReadonlySet<string> {
  const own = hostPathOf(pod, container, socketPath);
  const paths = new Set<string>(own === undefined ? [] : [own]);
  const links = pod.containers.filter(({ place }) => place !== 'main').flatMap((init) => linksOf(pod, init));
  // A link may lead to a link.
  for (let size = -1; size !== paths.size; ) {
    size = paths.size;
    for (const { target, name } of links) if (paths.has(target)) paths.add(name);
  }
  return paths;
}

interface Link {
  readonly target: string;
  readonly name: string;
}

function linksOf(pod: PodView, init: ContainerView): readonly Link[] {
  const links: Link[] = [];
  let cwd = '/';
  for (const { words } of commandsOf(init).commands) {
    const [command, ...rest] = words.map((word) => word ?? '');
    const operands = rest.filter((word) => !word.startsWith('-'));
    if (command === 'cd') cwd = cleanPath(operands[0] ?? '/', cwd);
    const [target, name] = operands;
    if (command !== 'ln' || target === undefined || name === undefined) continue;
    const at = cleanPath(name, cwd);
    const nameOnNode = hostPathOf(pod, init, at);
    const targetOnNode = hostPathOf(pod, init, cleanPath(target, cleanPath('..', at)));
    if (nameOnNode !== undefined && targetOnNode !== undefined) links.push({ name: nameOnNode, target: targetOnNode });
  }
  return links;
}
