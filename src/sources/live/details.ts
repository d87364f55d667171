import { excuseOf } from '../../doctor/subjects.ts';
import { discover } from '../../evidence/discovery.ts';
import { helperLogs } from '../../evidence/facts/helper-log.ts';
import type { Installation } from '../../evidence/facts/installation.ts';
import { podOf } from '../../evidence/facts/pod.ts';
import type { PodView } from '../../evidence/pod-view.ts';
import { type Subject, sameRef } from '../../evidence/subject.ts';
import type { World } from '../../evidence/world.ts';
import { namespacesAround } from './around.ts';
import type { Caller } from './call.ts';
import type { Collection } from './collection.ts';
import type { ConfigMaps } from './config-maps.ts';
import { Limit } from './limit.ts';
import { collectIn } from './lists.ts';
import { logsOf, logsOfAgents } from './log-plan.ts';
import { collectLog, type LogTarget } from './logs.ts';
import { collectProbe, probePathsOf, probePlaceOf } from './probes.ts';
import type { Refusal } from './refusal.ts';
import type { LiveRequest } from './request.ts';
import { EVENT, PODS } from './resources.ts';

export interface Details {
  readonly request: LiveRequest;
  readonly caller: Caller;
  readonly collection: Collection;
  readonly configMaps: ConfigMaps;
  /** Those that will be judged. */
  readonly subjects: readonly Subject[];
  /** What has been gathered by now. */
  readonly world: () => World;
}

/** A pod that runs, or why nothing can be asked of it. */
interface Target {
  readonly subject: Subject;
  readonly pod: PodView;
  readonly excuse?: Refusal;
}

const SWITCHED_OFF: Refusal = { why: 'switched-off', detail: 'switched off by --no-exec' };
const NO_LOGS: Refusal = { why: 'switched-off', detail: 'switched off by --no-logs' };

/** What nothing but judging waits for. Whoever calls it has to wait for both. */
export interface Beside {
  /** Events, and pods in other namespaces. */
  readonly objects: Promise<unknown>;
  readonly logs: Promise<unknown>;
}

export function collectBeside(details: Details): Beside {
  const { request, caller, collection, subjects, world } = details;
  const { items } = request;
  const listed = world();
  const targets = subjects.flatMap((subject) => targetOf(listed, subject));
  const namespaces = items.includes('events')
    ? [...new Set(installationsOf(listed, subjects).map(({ namespace }) => namespace))]
    : [];
  const events = namespaces.map((namespace) => collectIn(caller, collection, EVENT, namespace));
  const logs = collectLogs(
    details,
    targets.flatMap(({ pod, excuse }) => logsOf(pod, items).map((log) => ({ log, excuse }))),
  );
  const around = collectAround(details);
  return {
    objects: Promise.all([...events, around]),
    logs: Promise.all([logs, around]).then(() => collectLogsOfAgents(details, targets)),
  };
}

/** Those that subjects which will be judged belong to. */
export function installationsOf(world: World, subjects: readonly Subject[]): readonly Installation[] {
  return discover(world).installations.filter(({ ref }) =>
    subjects.some(({ installation }) => installation && sameRef(installation, ref)),
  );
}

function targetOf(world: World, subject: Subject): readonly Target[] {
  if (subject.type !== 'haproxy-pod' && subject.type !== 'controller-pod') return [];
  const reading = podOf(world, subject);
  if (reading.state !== 'known' || reading.value.from !== 'pod') return [];
  const excuse = excuseOf(world, subject);
  return [
    {
      subject,
      pod: reading.value,
      ...(excuse?.state === 'skipped' ? { excuse: { why: excuse.why, detail: excuse.detail } } : {}),
    },
  ];
}

export function looksIntoPods({ items, noExec }: LiveRequest): boolean {
  return items.includes('probe') && !noExec;
}

/** One probe in each HAProxy pod. */
export async function collectProbes({ request, caller, collection, subjects, world }: Details): Promise<void> {
  if (!request.items.includes('probe')) return;
  const limit = new Limit(request.concurrency);
  const known = world();
  const pods = subjects.flatMap((subject) => (subject.type === 'haproxy-pod' ? targetOf(known, subject) : []));
  const asked = pods.flatMap(({ pod, subject, excuse }) => {
    const place = probePlaceOf(pod);
    const obstacle =
      excuse ?? (request.noExec ? SWITCHED_OFF : undefined) ?? (place.state === 'closed' ? place.refusal : undefined);
    if (place.state === 'open' && !obstacle) return [{ pod, subject, container: place.container }];
    if (obstacle) collection.refuse({ what: 'probe', namespace: pod.ref.namespace ?? '', pod: pod.ref.name }, obstacle);
    return [];
  });
  const wantsConfig = request.items.includes('haproxy-cfg');
  const { ahead } = caller.connection;
  let begun = 0;
  let done = pods.length - asked.length;
  const progress = () => caller.io.onProgress(`looking into HAProxy pods (${done} of ${pods.length})`);
  if (pods.length > 0) progress();
  await Promise.all(
    asked.map(({ pod, subject, container }) =>
      limit.run(async () => {
        begun += 1;
        const queued = asked.length - Math.max(begun, request.concurrency);
        ahead.keep(Math.max(0, Math.min(queued, request.concurrency)));
        const paths = probePathsOf(known, subject, pod, wantsConfig);
        await collectProbe(caller, collection, { pod: pod.ref, container, paths });
        done += 1;
        progress();
        // Of a thousand pods the logs would take a second longer than the probes. Of a few, one that is under way has
        // ended before a connection more is open.
        if (begun === asked.length && asked.length > request.concurrency) caller.lend();
      }),
    ),
  );
  ahead.keep(0);
}

async function collectLogs(
  { request, caller, collection }: Details,
  logs: readonly { readonly log: LogTarget; readonly excuse?: Refusal | undefined }[],
): Promise<void> {
  await Promise.all(
    logs.map(async ({ log, excuse }) => {
      const obstacle = excuse ?? (request.noLogs ? NO_LOGS : undefined);
      if (!obstacle) return await collectLog(caller, collection, log);
      const { role: _, ...target } = log;
      collection.refuse({ what: 'log', ...target }, obstacle);
    }),
  );
}

/** Pods of SPIRE and of backends where they were not listed with the others. */
async function collectAround({ request, caller, collection, world }: Details): Promise<void> {
  const namespaces = namespacesAround(world(), request.items, request.annotation);
  await Promise.all(namespaces.map((namespace) => collectIn(caller, collection, PODS, namespace)));
}

/** What agents say, once it is known which of them are in trouble, or whom they do not serve. */
async function collectLogsOfAgents(details: Details, targets: readonly Target[]): Promise<void> {
  const known = details.world();
  const nodesOf = (those: readonly Target[]) => new Set(those.flatMap(({ pod }) => pod.node ?? []));
  const troubled = targets.filter(({ subject }) => {
    const logs = subject.type === 'haproxy-pod' ? helperLogs.read(known, subject) : undefined;
    return logs?.state === 'known' && logs.value.some(({ lastError, dialError }) => lastError ?? dialError);
  });
  const nodes = { nodes: nodesOf(targets), troubled: nodesOf(troubled) };
  await collectLogs(
    details,
    logsOfAgents(known, nodes, details.request.items).map((log) => ({ log })),
  );
}
