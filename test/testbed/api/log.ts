import type { ServerResponse } from 'node:http';
import { dig, textAt } from '../../../src/evidence/json.ts';
import type { LogLine, PodRuntime, Store } from '../seams.ts';
import type { ResponseHandler } from './handlers.ts';
import { type LogQuery, logQuery, printLine, wantedLines } from './log-query.ts';
import { metadataOf, nameOf, namespaceOf } from './metadata.ts';
import { type ChosenContainer, chosenContainer, containerStatus, isScheduled } from './pod-containers.ts';
import { badRequest } from './status.ts';

export interface LogOptions {
  readonly store: Pick<Store, 'get' | 'subscribe'>;
  readonly runtime: Pick<PodRuntime, 'log'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** `GET …/pods/NAME/log`, followed until the container ends, its pod goes, or the client leaves. */
export function logHandler({ store, runtime, now }: LogOptions): ResponseHandler {
  return (info, _request, response) => {
    const chosen = chosenContainer(store, info);
    const query = logQuery(info.query, chosen.ref.pod, now());
    if (!isScheduled(chosen.pod)) {
      response.writeHead(204).end();
      return;
    }
    const log = isBetweenRuns(chosen)
      ? (runtime.log(chosen.ref, false) ?? runtime.log(chosen.ref, true))
      : runtime.log(chosen.ref, query.previous);
    if (log === undefined || mustWait(chosen, query)) throw badRequest(whyNone(chosen, query.previous));
    response.writeHead(200, { 'content-type': 'text/plain' });
    const send = sender(response, query);
    const first = wantedLines([...log.lines], query);
    const follows = query.follow && !query.previous && isRunning(chosen.status);
    if (!first.every(send) || !follows) {
      response.end();
      return;
    }
    // Whoever follows wants to see that it began, also when there is nothing to say yet.
    response.flushHeaders();
    const stop = () => {
      unfollow();
      unsubscribe();
      response.end();
    };
    const unfollow = log.follow((line) => {
      if (!send(line)) stop();
    });
    const unsubscribe = store.subscribe(({ type, object }) => {
      if (object.kind !== 'Pod' || nameOf(object) !== chosen.ref.pod || namespaceOf(object) !== chosen.ref.namespace)
        return;
      if (type === 'DELETED' || !isSameRun(chosen, object)) stop();
    });
    response.once('close', stop);
  };
}

/** Writes lines until the limit is reached; says false from then on. */
function sender(response: ServerResponse, query: LogQuery): (line: LogLine) => boolean {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY;
  return (line) => {
    const bytes = Buffer.from(printLine(line, query));
    const part = bytes.subarray(0, Math.min(bytes.length, left));
    left -= part.length;
    if (part.length > 0) response.write(part);
    return left > 0;
  };
}

function isRunning(status: unknown): boolean {
  return dig(status, 'state', 'running') !== undefined;
}

/** Then the log of the last run is the current one and the previous one. */
function isBetweenRuns({ status }: ChosenContainer): boolean {
  return dig(status, 'state', 'waiting') !== undefined && dig(status, 'lastState', 'terminated') !== undefined;
}

function mustWait({ status }: ChosenContainer, { previous }: LogQuery): boolean {
  const hasEnded = dig(status, 'lastState', 'terminated') !== undefined;
  return !hasEnded && (previous || dig(status, 'state', 'waiting') !== undefined);
}

/** The kubelet's words. */
function whyNone({ ref, status }: ChosenContainer, previous: boolean): string {
  const which = `container ${JSON.stringify(ref.container)} in pod ${JSON.stringify(ref.pod)}`;
  if (status === undefined) return `${which} is not available`;
  if (previous) return `previous terminated ${which} not found`;
  const reason = textAt(dig(status, 'state', 'waiting', 'reason')) ?? 'ContainerCreating';
  const why =
    reason === 'ErrImagePull'
      ? "image can't be pulled"
      : reason === 'ImagePullBackOff'
        ? 'trying and failing to pull image'
        : reason;
  return `${which} is waiting to start: ${why}`;
}

/** Whether it is still the run that was there when following began, and has not ended. */
function isSameRun({ pod, ref, status }: ChosenContainer, changed: ChosenContainer['pod']): boolean {
  const current = containerStatus(changed, ref.container);
  return (
    metadataOf(changed).uid === metadataOf(pod).uid &&
    isRunning(current) &&
    dig(current, 'restartCount') === dig(status, 'restartCount')
  );
}
