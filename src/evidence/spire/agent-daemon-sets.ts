import { listAt, objectAt, textAt } from '../json.ts';
import { below, cleanPath, mountOf } from '../mount-paths.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { absent, known, type ObjectRef, type Reading, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { viewPod } from '../view-pod.ts';
import { originOf, refOf, type World } from '../world.ts';
import { flagOf } from './agent-config.ts';

/** A DaemonSet and the container in it that does the job. */
export interface DaemonSetOf {
  readonly ref: ObjectRef;
  readonly collected: CollectedObject;
  readonly view: PodView;
  readonly container: ContainerView;
}

/** Default of spiffe-csi-driver's `-plugin-name`. */
const DEFAULT_DRIVER = 'csi.spiffe.io';

/** The DaemonSet that runs the SPIFFE CSI driver of this name; of several the one with a pod on the node. */
export function findCsiDaemonSet(world: World, driver: string, node: string | undefined): Reading<DaemonSetOf> {
  return choose(
    world,
    csiDaemonSets(world).filter((item) => driverOf(item.container) === driver),
    node,
    `a DaemonSet that runs CSI driver ${driver}`,
  );
}

/** True when some DaemonSet runs a SPIFFE CSI driver under this name, whatever the name is. */
export function listsDriver(world: World, driver: string): boolean {
  return csiDaemonSets(world).some(({ container }) => driverOf(container) === driver);
}

/** Drivers beside this one that serve workloads; the one for nested SPIRE servers does not. */
export function otherDriversThan(world: World, driver: string): readonly string[] {
  const names = csiDaemonSets(world).map(({ container }) => driverOf(container));
  return [...new Set(names)].filter((name) => name !== driver && !name.startsWith('upstream.'));
}

/** The agent DaemonSet when there is one alone. */
export function onlyAgent(world: World): DaemonSetOf | undefined {
  const [only, ...more] = agentDaemonSets(world);
  return more.length === 0 ? only : undefined;
}

/** The directory on the node that a CSI driver mounts into pods; undefined when its spec does not tell. */
export function directoryOnNode({ view, container }: DaemonSetOf): string | undefined {
  const directory = flagOf(container, 'workload-api-socket-dir');
  return directory === undefined ? undefined : hostPathOf(view, container, directory);
}

/** Where a path of a container lies on the node, by its hostPath volumes. */
export function hostPathOf(view: PodView, container: ContainerView, path: string): string | undefined {
  const mounted = mountOf(container, path);
  const volume = view.volumes.find(({ name }) => name === mounted?.mount.volume);
  if (!mounted || volume?.type !== 'hostPath') return undefined;
  return cleanPath(mounted.inVolume, volume.path);
}

/**
 * The agent DaemonSet that mounts this directory of the node, or one above or below it; of several the one with a pod
 * on the node. Absent with `missing: 'mount'` when there are agents, but on other directories.
 */
export function findAgentDaemonSet(world: World, directory: string, node: string | undefined): Reading<DaemonSetOf> {
  const agents = agentDaemonSets(world);
  const fitting = agents.filter(({ view }) =>
    view.volumes.some((volume) => volume.type === 'hostPath' && overlaps(cleanPath(volume.path), directory)),
  );
  const found = choose(world, fitting, node, `a SPIRE agent DaemonSet that uses ${directory}`);
  if (found.state !== 'absent' || agents.length === 0) return found;
  const others = agents.map(
    ({ ref, view }) => `${ref.namespace}/${ref.name} uses ${hostPaths(view).join(', ') || 'no directory of the node'}`,
  );
  return absent('mount', `${found.what} (${others.join('; ')})`, found.from);
}

/** The pod of a DaemonSet on a node, by its owner reference; one that is asked to end only when there is no other. */
export function podOnNode(world: World, daemonSet: ObjectRef, node: string): CollectedObject | undefined {
  const pods = world.list('Pod', daemonSet.namespace).items.filter(({ object }) => {
    const { ownerReferences } = objectAt(object.metadata);
    const { nodeName } = objectAt(object.spec);
    return (
      nodeName === node &&
      listAt(ownerReferences).some(
        (owner) => textAt(objectAt(owner).name) === daemonSet.name && objectAt(owner).kind === 'DaemonSet',
      )
    );
  });
  return pods.find(({ object }) => textAt(objectAt(object.metadata).deletionTimestamp) === undefined) ?? pods[0];
}

function csiDaemonSets(world: World): readonly DaemonSetOf[] {
  return world.memo('csi daemon sets', () =>
    daemonSets(
      world,
      (container) =>
        /spiffe-csi/.test(container.image.basename) || flagOf(container, 'workload-api-socket-dir') !== undefined,
    ),
  );
}

function agentDaemonSets(world: World): readonly DaemonSetOf[] {
  return world.memo('agent daemon sets', () =>
    daemonSets(
      world,
      ({ place, image, command }) =>
        place !== 'init' && (/spire-agent/.test(image.basename) || /(?:^|\/)spire-agent$/.test(command[0] ?? '')),
    ),
  );
}

function daemonSets(world: World, does: (container: ContainerView) => boolean): readonly DaemonSetOf[] {
  return world.list('DaemonSet').items.flatMap((collected) => {
    const view = viewPod(collected);
    const container = view.containers.find(does);
    return container ? [{ ref: refOf(collected.object), collected, view, container }] : [];
  });
}

function driverOf(container: ContainerView): string {
  return flagOf(container, 'plugin-name') ?? DEFAULT_DRIVER;
}

function choose(
  world: World,
  candidates: readonly DaemonSetOf[],
  node: string | undefined,
  what: string,
): Reading<DaemonSetOf> {
  const here = node === undefined ? undefined : candidates.find(({ ref }) => podOnNode(world, ref, node));
  const chosen = here ?? candidates[0];
  if (chosen) return known(chosen, originOf(chosen.collected));
  const { rest } = world.list('DaemonSet');
  return rest ? unknown(rest.why, `${what} was not seen: ${rest.detail}`, rest.rule) : absent('object', what, {});
}

function overlaps(a: string, b: string): boolean {
  return below(a, b) !== undefined || below(b, a) !== undefined;
}

function hostPaths(view: PodView): readonly string[] {
  return view.volumes.flatMap((volume) =>
    volume.type === 'hostPath' && /spi(?:re|ffe)|sock/.test(volume.path) ? [volume.path] : [],
  );
}
