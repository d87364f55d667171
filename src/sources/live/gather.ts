import { setImmediate } from 'node:timers/promises';
import { CannotRun } from '../../doctor/cannot-run.ts';
import { chooseSubjects } from '../../doctor/subjects.ts';
import { redactObjects } from '../../evidence/redact/index.ts';
import type { Snapshot, SnapshotSource } from '../../evidence/snapshot.ts';
import { World } from '../../evidence/world.ts';
import { serverVersion } from './api.ts';
import { type Budget, startBudget } from './budget.ts';
import { Caller } from './call.ts';
import { Collection } from './collection.ts';
import { ConfigMaps } from './config-maps.ts';
import { type Connection, connect } from './connection.ts';
import { collectBeside, collectProbes, looksIntoPods } from './details.ts';
import { prepareExec } from './exec.ts';
import { collectKind } from './lists.ts';
import type { LiveIo, LiveOrder, LiveRequest } from './request.ts';
import { ALWAYS, PODS, planLists, type Resource } from './resources.ts';
import { ServerClock } from './server-clock.ts';
import { shown } from './shown.ts';
import { collectNamed, foreseeNamed } from './wanted-config-maps.ts';

const REQUEST_TIMEOUT_MS = 15_000;
/** Those that probes wait for most: what finds HAPTIC, and the server's version. */
const FIRST_CALLS = 8;

/**
 * Gathers what the selected checks need from a running cluster: a fixed number of lists, ConfigMaps by name, logs, and
 * one probe in each HAProxy pod. What could not be had is in the snapshot with the reason; so is what was left when the
 * time was over or the user interrupted. Throws `CannotRun` when there is no cluster to ask, or it lets nobody in.
 */
export async function gatherLive(request: LiveOrder, io: LiveIo): Promise<Snapshot> {
  const budget = startBudget(request.timeoutMs, io);
  let connection: Connection | undefined;
  try {
    const calls = Math.min(request.concurrency, FIRST_CALLS);
    connection = await withinBudget(connect(request.connection, { ...io, signal: budget.signal }, calls), budget);
    return await gather(request, io, connection, budget);
  } finally {
    budget.close();
    connection?.close();
  }
}

async function gather(order: LiveOrder, io: LiveIo, connection: Connection, budget: Budget): Promise<Snapshot> {
  const { concurrency, tool, annotation, release, pods, selector, namespace } = order;
  const clock = new ServerClock(io.now);
  // As kubectl has it, 0 sets no limit to a single request; that of the whole run stays.
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = order.connection;
  const timeoutMs = requestTimeoutMs === 0 ? order.timeoutMs : requestTimeoutMs;
  const caller = new Caller(connection, io, { budget, clock, timeoutMs, concurrency });
  const collection = new Collection();
  let version: string | undefined;
  const source = (): SnapshotSource => ({
    kind: 'live',
    server: connection.server,
    ...(connection.context === undefined ? {} : { context: connection.context }),
    ...(version === undefined ? {} : { serverVersion: version }),
    ...(budget.stopped() === 'interrupted' ? { interrupted: true } : {}),
  });
  const soFar = () =>
    collection.snapshot({ tool, observedAt: clock.timestamp(), source: source(), requests: { ...caller.counts } });
  const world = collection.whileUnchanged(() => new World(soFar(), annotation === undefined ? {} : { annotation }));

  io.onProgress(`asking ${shown(connection.server)} what runs there`);
  const scope = {
    ...(namespace === undefined ? {} : { namespace }),
    allNamespaces: order.allNamespaces ?? false,
    fallback: namespace ?? connection.namespace ?? 'default',
  };
  const list = (resources: readonly Resource[]) =>
    Promise.all(resources.map((resource) => collectKind(caller, collection, resource, scope)));
  // These are wanted whatever is: they are on their way while the rest is worked out. The version comes first, so that a
  // server whose lists take too long has been heard.
  const versionAsked = awaitedLater(serverVersion(caller));
  const podsListed = awaitedLater(list([PODS]));
  const begun = awaitedLater(list(ALWAYS.filter((resource) => resource !== PODS)));
  const items = typeof order.items === 'function' ? await order.items() : order.items;
  const request: LiveRequest = { ...order, items };
  const { finding, excusing, others } = planLists(items);
  const found = Promise.all([podsListed, begun, list(finding.filter((resource) => !ALWAYS.includes(resource)))]);
  const excused = awaitedLater(list(excusing));
  const configMaps = new ConfigMaps(caller);
  // What turns out unwanted must not hold up what is wanted.
  if (concurrency > 1) void awaitedLater(podsListed.then(() => configMaps.ask(foreseeNamed(request, world()))));
  // Nobody waits for it here: handshakes and answers take longer, and should it fail, it fails again where it is used.
  const loading = Promise.allSettled([order.load?.(), looksIntoPods(request) ? prepareExec() : undefined]);
  await found;
  refuseToRun(caller, collection, connection);

  const listed = world();
  const filter = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(release === undefined ? {} : { release }),
    ...(pods === undefined ? {} : { pods }),
    ...(selector === undefined ? {} : { selector }),
  };
  const details = { request, caller, collection, configMaps, subjects: chooseSubjects(listed, filter), world };
  const { ofHaptic, ofSpire } = collectNamed(details);
  void awaitedLater(ofSpire);
  // Nothing else is begun meanwhile: pods are looked into over the connections that come free here, and don't wait for
  // SPIRE's ConfigMaps.
  await Promise.all([ofHaptic, excused]);
  const probing = awaitedLater(collectProbes(details));
  await setImmediate();
  const redacted = collection.whileNoObjectComes(() => redactObjects(collection.objects));
  // What takes time of its own is done while logs and pods are waited for.
  const listing = list(others);
  const { objects, logs } = collectBeside(details);
  const beside = awaitedLater(Promise.all([Promise.all([listing, objects, ofSpire]).then(redacted), logs, probing]));
  await loading;
  order.loaded?.();
  await beside;
  version = await versionAsked;
  noteClock(collection, clock);
  return { ...soFar(), ...redacted() };
}

/** What fails before anybody waits for it would end the process; whoever waits is told all the same. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Ends the run when nobody is there, or nobody is let in. */
function refuseToRun(
  caller: Caller,
  { objects, coverage, notCollected }: Collection,
  { server, user, context }: Connection,
): void {
  const where = `the API server ${shown(server)}${context === undefined ? '' : ` (context ${shown(context)})`}`;
  if (caller.unreachable) throw new CannotRun(`${where} cannot be reached: ${caller.unreachable.words}`);
  const nothing = objects.length === 0 && coverage.length === 0;
  if (nothing && !caller.heard && caller.budget.stopped() === 'deadline')
    throw new CannotRun(`${where} did not answer in time (--timeout gives more)`);
  if (nothing && notCollected.length > 0 && notCollected.every(({ why }) => why === 'unauthorized')) {
    throw new CannotRun(
      `${where} does not accept the credentials of user '${shown(user)}': they are invalid or have expired`,
    );
  }
}

function noteClock(collection: Collection, clock: ServerClock): void {
  const seconds = Math.round(clock.offset / 1000);
  if (seconds === 0) return;
  const how = seconds < 0 ? `${-seconds} s ahead of` : `${seconds} s behind`;
  collection.note(`this computer's clock is ${how} the API server's; times are the API server's`);
}

/** Credentials may come from a program that never ends. */
async function withinBudget<T>(work: Promise<T>, { signal, stopped }: Budget): Promise<T> {
  const over = new Promise<never>((_resolve, reject) => {
    const stop = () =>
      reject(
        new CannotRun(
          stopped() === 'deadline'
            ? 'no credentials were obtained in time (--timeout gives more)'
            : 'interrupted before anything was gathered',
        ),
      );
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  over.catch(() => undefined);
  return await Promise.race([work, over]);
}
