import { type LogRole, redactLog } from '../../evidence/redact/index.ts';
import type { CollectedLog } from '../../evidence/snapshot.ts';
import type { Caller } from './call.ts';
import type { Collection } from './collection.ts';
import { messageOf, refusedByFailure, refusedByStatus } from './refusal.ts';
import { PODS, pathOf } from './resources.ts';
import { shown } from './shown.ts';

const MAX_LINES = 500;
/** Bound on the server's side. It cuts off the end, where the news is, so reaching it means asking for fewer lines. */
const MAX_BYTES = 2 ** 20;
const FEWER_LINES = 40;
/** A kubelet that cannot read a log says so in the place of the log, with status 200. */
const BEGINS_WITH_A_TIME = /^\d{4}-\d\d-\d\dT\d\d:/;

/** A log to read, and whose words it has. */
export interface LogTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly role: LogRole;
}

/** Reads the end of a container's log, with the time of each line. */
export async function collectLog(
  caller: Caller,
  collection: Collection,
  { role, ...target }: LogTarget,
): Promise<void> {
  let lines = MAX_LINES;
  let result = await ask(caller, target, lines);
  if (result.state === 'response' && result.body.length >= MAX_BYTES) {
    lines = FEWER_LINES;
    result = await ask(caller, target, lines);
  }
  const refused = { what: 'log' as const, ...target };
  if (result.state === 'failure')
    return collection.refuse(refused, refusedByFailure(result.failure, caller.budget.stopped()));
  const { status, body } = result;
  if (status !== 200) {
    const rule = { verb: 'get', group: '', resource: 'pods/log', namespace: target.namespace };
    const said = messageOf(body);
    if (status === 400 || status === 404)
      return collection.refuse(refused, { why: 'not-running', detail: said || 'the container has no log' });
    return collection.refuse(refused, refusedByStatus(status, body, rule));
  }
  const text = body.toString('utf8');
  if (text !== '' && !BEGINS_WITH_A_TIME.test(text)) {
    return collection.refuse(refused, {
      why: 'unreadable',
      detail: `what came is no log: ${shown(text.trim().slice(0, 120))}`,
    });
  }
  const truncated = body.length >= MAX_BYTES || countLines(text) >= lines;
  const log: CollectedLog = {
    ...target,
    at: caller.clock.timestamp(),
    text: collection.shared(redactLog(role, text)),
    truncated,
  };
  collection.logs.push(log);
}

function ask(caller: Caller, { namespace, pod, container, previous }: Omit<LogTarget, 'role'>, lines: number) {
  const query = new URLSearchParams({
    container,
    timestamps: 'true',
    tailLines: String(lines),
    limitBytes: String(MAX_BYTES),
  });
  if (previous) query.set('previous', 'true');
  return caller.call(`${pathOf(PODS, namespace, pod)}/log?${query}`, { kind: 'log', maxBytes: 2 * MAX_BYTES });
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
