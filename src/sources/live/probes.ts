import { svidPathsOf } from '../../evidence/facts/svid-files.ts';
import { dig, textAt } from '../../evidence/json.ts';
import type { ContainerView, PodView } from '../../evidence/pod-view.ts';
import { MASTER_SOCKET, type ProbePaths, probeCommand } from '../../evidence/probe/command.ts';
import { readProbe } from '../../evidence/probe/read.ts';
import type { ObjectRef } from '../../evidence/reading.ts';
import { redactProbe } from '../../evidence/redact/index.ts';
import type { Subject } from '../../evidence/subject.ts';
import type { World } from '../../evidence/world.ts';
import type { Caller } from './call.ts';
import type { Collection } from './collection.ts';
import { exec } from './exec.ts';
import { execQuery } from './exec-query.ts';
import { whyNoProbe } from './probe-refusal.ts';
import type { Refusal } from './refusal.ts';
import { PODS, pathOf } from './resources.ts';
import { judgeFailure, judgeStatus, retrying } from './retry.ts';

/** The probe ends by itself within 10 s; the rest is for getting there. */
const TIMEOUT_MS = 20_000;
const MAX_BYTES = 4 * 2 ** 20;
const CONFIG_PATH = '/etc/haproxy/haproxy.cfg';

/** The container to run the probe in, or why nothing can be run. */
export type ProbePlace =
  | { readonly state: 'open'; readonly container: string }
  | { readonly state: 'closed'; readonly refusal: Refusal };

export function probePlaceOf(pod: PodView): ProbePlace {
  const container = pod.containers.find(({ role }) => role === 'haproxy');
  const refusal = whyNotRunnable(pod, container);
  if (container && !refusal) return { state: 'open', container: container.name };
  const none: Refusal = { why: 'not-running', detail: 'no container of the pod runs HAProxy' };
  return { state: 'closed', refusal: refusal ?? none };
}

export interface ProbeOrder {
  readonly pod: ObjectRef;
  readonly container: string;
  readonly paths: ProbePaths;
}

/** Runs the probe in one HAProxy pod and keeps what it answered, also when it was cut off. */
export async function collectProbe(
  caller: Caller,
  collection: Collection,
  { pod, container, paths }: ProbeOrder,
): Promise<void> {
  const { namespace = '', name } = pod;
  const boundary = caller.io.boundary();
  const query = execQuery(container, probeCommand(paths, boundary));
  const path = `${pathOf(PODS, namespace, name)}/exec?${query}`;
  const { budget } = caller;
  const at = caller.clock.timestamp();
  const ask = () => {
    caller.counts.exec += 1;
    const { timer } = caller.io;
    const request = { path, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal: budget.signal, timer };
    return exec(caller.connection, request, `${boundary} done `);
  };
  const outcome = await retrying(
    async () => {
      const first = await ask();
      if (first.state !== 'failure' || first.failure.kind !== 'reset' || first.connection === 'new') return first;
      // Servers close what is idle without asking: that says nothing about the pod, nor about a new connection.
      caller.connection.ahead.dropIdle();
      return await ask();
    },
    (result) => {
      if (result.state === 'failure') return judgeFailure(result.failure);
      return result.state === 'refused' && whyNoProbe(result, namespace, budget)[0]?.why === 'server-error'
        ? judgeStatus(result.status, result.retryAfter)
        : 'final';
    },
    caller,
  );
  const { answers, complete } =
    outcome.state === 'ran' ? readProbe(outcome.output, boundary) : { answers: [], complete: false };
  if (answers.length > 0)
    collection.probes.push({
      namespace,
      pod: name,
      container,
      at,
      answers: redactProbe(answers).map(({ id, argument, status, text }) => ({
        id: collection.shared(id),
        argument: collection.shared(argument),
        status,
        text: collection.shared(text),
      })),
      complete,
    });
  else
    for (const refusal of whyNoProbe(outcome, namespace, budget))
      collection.refuse({ what: 'probe', namespace, pod: name }, refusal);
}

/** Where in a pod to look: at the SVID, HAProxy's master socket and, unless HAPTIC publishes it, the configuration. */
export function probePathsOf(world: World, subject: Subject, pod: PodView, wantsConfig: boolean): ProbePaths {
  const words = pod.containers
    .filter(({ role }) => role === 'haproxy')
    .flatMap(({ command, args }) => [...command, ...args]);
  const published = world.list('HAProxyCfg', pod.ref.namespace).items;
  const config = textAt(dig(published[0]?.object, 'spec', 'path')) ?? argument(words, 'f', '.cfg') ?? CONFIG_PATH;
  return {
    ...svidPathsOf(world, subject),
    socket: argument(words, 'S', '') ?? MASTER_SOCKET,
    ...(wantsConfig && published.length === 0 ? { config } : {}),
  };
}

/** Value of a one-letter option of HAProxy, on a command line or inside the text of a shell command. */
function argument(words: readonly string[], letter: 'S' | 'f', ending: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)-${letter}\\s+(?:unix@)?(/[^\\s,"';]{1,1000})`).exec(
    words.join(' ').slice(0, 65_536),
  )?.[1];
  return found?.endsWith(ending) ? found : undefined;
}

function whyNotRunnable(pod: PodView, haproxy: ContainerView | undefined): Refusal | undefined {
  if (pod.deleting) return { why: 'gone', detail: 'the pod is being deleted' };
  const state = haproxy?.status?.state;
  if (!haproxy || state?.now === 'running') return undefined;
  const because = state?.now === 'waiting' || state?.now === 'terminated' ? ` (${state.reason})` : '';
  return { why: 'not-running', detail: `container ${haproxy.name} does not run${because}` };
}
