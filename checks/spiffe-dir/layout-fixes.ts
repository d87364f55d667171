import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { HelperDirectory, SpiffeDirectoryPlan } from '../../src/evidence/facts/spiffe-directory.ts';
import { setTopLevel, verified } from '../../src/evidence/helper-config/rewrite.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import { below, cleanPath, mountOf, pathInContainer } from '../../src/evidence/mount-paths.ts';
import type { ContainerView, MountView, PodView } from '../../src/evidence/pod-view.ts';
import { makersOf } from '../../src/evidence/spiffe-directory/makers.ts';
import { changeHelperConfig, changeTemplate, containerPatch, hasTemplate } from '../../src/evidence/workload-change.ts';
import { directoryMaker } from './fixes.ts';

/** What a change of places needs to know. */
export interface Layout {
  readonly pod: PodView;
  readonly plan: HelperDirectory;
  readonly expected: SpiffeDirectoryPlan['expected'];
  readonly configs: readonly HelperConfigView[];
  readonly fromFiles: boolean;
}

/** Where HAProxy looks when neither its configuration nor a snippet was seen: the directory that HAPTIC's guide has. */
const USUAL = '/etc/haproxy/spiffe';

type Change = Pick<Fix, 'commands' | 'manual' | 'preconditions'>;

/**
 * Lets the helper write where HAProxy reads: HAProxy's volume at HAProxy's path, the directory on it, and helper.conf
 * naming it. HAProxy's side stays, for what renders it is the release.
 */
export function bringTogether(layout: Layout): Change {
  const { pod, plan, expected, fromFiles } = layout;
  const { helper } = plan;
  const wanted = cleanPath(expected?.directory ?? USUAL);
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const place = haproxy && mountOf(haproxy, wanted);
  if (fromFiles || !place || !hasTemplate(pod)) return { manual: 'where the directory should be was not seen' };
  const { mount, inVolume } = place;
  const here = pathInContainer(helper, mount.volume, inVolume);
  const directory = here ?? wanted;
  const { makers, possibleMakers } = makersOf(pod, helper, mount.volume, inVolume);
  const isMade = place.rest === '' || makers.length + possibleMakers.length > 0;
  const maker = directoryMaker(pod, helper, wanted, { name: mount.volume, mountPath: mount.path });
  const spec: JsonObject = {
    ...(here === undefined ? containerPatch(helper, { volumeMounts: mountsLike(helper, mount, wanted) }) : {}),
    ...(isMade || (helper.place !== 'main' && here === undefined) ? {} : { initContainers: [maker] }),
  };
  const moved = Object.keys(spec).length > 0 ? changeTemplate(pod, spec) : [];
  const named = plan.directory === directory ? {} : rename(layout, { cert_dir: directory }, moved.length > 0);
  if (named.manual !== undefined) return named;
  return { ...named, commands: [...(named.commands ?? []), ...moved] };
}

/** helper.conf with other values; `isRolling`: another change of the same fix makes new pods anyway. */
export function rename(
  { pod, plan, configs, fromFiles }: Layout,
  settings: Readonly<Record<string, string>>,
  isRolling = false,
): Change {
  const view = configs.find(({ helper }) => helper === plan.helper.name);
  if (fromFiles || view?.source.state !== 'known' || !hasTemplate(pod))
    return { manual: 'the text of helper.conf was not seen' };
  const { text, configMap, key } = view.source.value;
  let fresh: string | undefined = text;
  for (const [name, value] of Object.entries(settings)) {
    if (fresh !== undefined && /^[\w./@+ -]+$/.test(value)) fresh = setTopLevel(fresh, name, JSON.stringify(value));
    else fresh = undefined;
  }
  const good = verified(fresh, undefined, () => true);
  if (good === undefined) return { manual: 'helper.conf has to be readable first' };
  const change = changeHelperConfig(pod, configMap, key, good);
  if ('manual' in change) return change;
  return isRolling ? { ...change, commands: change.commands.filter(isNoRestart) } : change;
}

function isNoRestart({ args }: KubectlCommand): boolean {
  return args[0] !== 'rollout';
}

/** HAProxy's mount; what the helper has in its way goes. */
function mountsLike(helper: ContainerView, { volume, path, subPath }: MountView, wanted: string): JsonObject[] {
  const inTheWay = helper.mounts.filter(
    (other) =>
      cleanPath(other.path) !== cleanPath(path) &&
      below(cleanPath(path), cleanPath(other.path)) !== undefined &&
      below(cleanPath(other.path), wanted) !== undefined,
  );
  const replaced = helper.mounts.find((other) => other.path === path);
  const part = subPath !== undefined ? { subPath } : replaced?.subPath === undefined ? {} : { subPath: null };
  return [
    ...inTheWay.map((other) => ({ mountPath: other.path, $patch: 'delete' })),
    { name: volume, mountPath: path, ...part, readOnly: false },
  ];
}
