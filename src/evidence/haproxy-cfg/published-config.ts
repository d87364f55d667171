import type { Installation } from '../facts/installation.ts';
import { dig, flagAt, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { absent, known, type Reading, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { nameOf, originOf, type World } from '../world.ts';

/** The HAProxyCfg in which HAPTIC publishes what it rendered for one release. */
export interface PublishedConfig {
  readonly collected: CollectedObject;
  readonly text: string;
  readonly checksum?: string;
}

/** What HAPTIC says about bringing the published configuration to one pod. */
export interface Deployment {
  /** The pod was given the published configuration, by checksum. */
  readonly deployed: boolean;
  /** Current error; one that a later success has overcome is left out. Times are epoch milliseconds. */
  readonly error?: { readonly text: string; readonly at?: number };
}

/** Objects whose configuration was rejected carry this ending; nothing runs them. */
const REJECTED = '-invalid';

export function publishedConfigOf(world: World, installation: Installation): Reading<PublishedConfig> {
  const listed = world.list('HAProxyCfg', installation.namespace);
  const accepted = listed.items.filter(({ object }) => !nameOf(object).endsWith(REJECTED));
  const config = installation.templateConfig;
  const chosen =
    (config && accepted.find(({ object }) => nameOf(object) === `${config.name}-haproxycfg`)) ??
    (config && accepted.find(({ object }) => isOwnedBy(object, config.name))) ??
    (accepted.length === 1 ? accepted[0] : undefined);
  if (!chosen) {
    if (listed.rest) return listed.rest;
    if (accepted.length > 1) return unknown('no-evidence', 'several HAProxyCfg objects, and none names this release');
    return absent('object', `a HAProxyCfg in namespace ${installation.namespace}`, {});
  }
  const { object } = chosen;
  const text = textAt(dig(object, 'spec', 'content'));
  if (text === undefined || flagAt(dig(object, 'spec', 'compressed')) === true) {
    return unknown('unreadable', `the content of HAProxyCfg ${nameOf(object)} could not be unpacked`);
  }
  const checksum = textAt(dig(object, 'spec', 'checksum'));
  return known(
    { collected: chosen, text, ...(checksum === undefined ? {} : { checksum }) },
    originOf(chosen, 'spec.content'),
  );
}

export function deploymentTo(published: PublishedConfig, pod: string): Deployment {
  const entry = deploymentsOf(published.collected).get(pod);
  if (!entry) return { deployed: false };
  const deployed = published.checksum !== undefined && entry.checksum === published.checksum;
  const text = textAt(entry.lastError);
  const at = timeOf(entry.lastErrorAt);
  const overcome =
    numberAt(entry.consecutiveErrors) === 0 ||
    (at !== undefined && at < (timeOf(entry.deployedAt) ?? 0) && !numberAt(entry.consecutiveErrors));
  if (!text || overcome) return { deployed };
  return { deployed, error: { text, ...(at === undefined ? {} : { at }) } };
}

const deployments = new WeakMap<CollectedObject, ReadonlyMap<unknown, JsonObject>>();

/** What the status says of each pod by name, the last word where there are several: all pods ask, so it is read once. */
function deploymentsOf(collected: CollectedObject): ReadonlyMap<unknown, JsonObject> {
  const before = deployments.get(collected);
  if (before) return before;
  const entries = listAt(dig(collected.object, 'status', 'deployedToPods')).map(objectAt);
  const byPod = new Map(entries.map((entry) => [entry.podName, entry]));
  deployments.set(collected, byPod);
  return byPod;
}

function isOwnedBy(object: CollectedObject['object'], name: string): boolean {
  return listAt(dig(object, 'metadata', 'ownerReferences')).some(
    (owner) => objectAt(owner).kind === 'HAProxyTemplateConfig' && objectAt(owner).name === name,
  );
}

function timeOf(value: unknown): number | undefined {
  const time = Date.parse(textAt(value) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
