import type { Registration } from '../facts/registration.ts';
import { dig, numberAt } from '../json.ts';
import { viewPod } from '../view-pod.ts';
import { refOf, type World } from '../world.ts';

/** The workload whose pods run the spire-controller-manager: the chart puts it beside the SPIRE server. */
export function controllerWorkload(world: World): Registration['controller'] {
  return workloadOf(world, /^spire-controller-manager/);
}

/** The workload whose pods run the SPIRE server, among those that were listed. */
export function serverWorkload(world: World): Registration['controller'] {
  return workloadOf(world, /^spire-server/);
}

function workloadOf(world: World, image: RegExp): Registration['controller'] {
  for (const collected of ['StatefulSet', 'Deployment'].flatMap((kind) => world.list(kind).items)) {
    if (!viewPod(collected).containers.some((container) => image.test(container.image.basename))) continue;
    return { ref: refOf(collected.object), replicas: numberAt(dig(collected.object, 'spec', 'replicas')) ?? 1 };
  }
  return undefined;
}
