import { svidPathsOf } from '../../evidence/facts/svid-files.ts';
import { dig, textAt } from '../../evidence/json.ts';
import type { ContainerView, PodView } from '../../evidence/pod-view.ts';
import { MASTER_SOCKET, type ProbePaths, probeCommand } from '../../evidence/probe/command.ts';
import { readProbe } from '../../evidence/probe/read.ts';
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

/** Runs the probe in one HAProxy pod and keeps what it answered, also when it was cut off. */
export async function collectProbe(
  caller: Caller,
  collection: Collection,
  pod: PodView,
  paths: ProbePaths,
): Promise<void> {
  const { namespace = '', name } = pod.ref;
  const refuse = (refusal: Refusal) => collection.refuse({ what: 'probe', namespace, pod: name }, refusal);
  const container = pod.containers.find(({ role }) => role === 'haproxy');
  const obstacle = whyNotRunnable(pod, container);
  if (!container || obstacle)
    return refuse(obstacle ?? { why: 'not-running', detail: 'no container of the pod runs HAProxy' });
  const boundary = caller.io.boundary();
  const query = execQuery(container.name, probeCommand(paths, boundary));
  const path = `${pathOf(PODS, namespace, name)}/exec?${query}`;
  const { budget } = caller;
  const at = caller.clock.timestamp();
  const outcome = await retrying(
    () => {
      caller.counts.exec += 1;
      const request = {
        path,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        signal: budget.signal,
        timer: caller.io.timer,
      };
      return exec(caller.connection, request, `${boundary} done `);
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
      container: container.name,
      at,
      answers: redactProbe(answers).map(({ id, argument, status, text }) => ({
        id: collection.shared(id),
        argument: collection.shared(argument),
        status,
        text: collection.shared(text),
      })),
      complete,
    });
  else for (const refusal of whyNoProbe(outcome, namespace, budget)) refuse(refusal);
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
