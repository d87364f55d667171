import { dig, listAt, textAt } from '../../evidence/json.ts';
import type { RbacRule } from '../../evidence/reading.ts';
import type { Budget } from './budget.ts';
import type { ExecOutcome } from './exec.ts';
import { messageOf, parseJson, type Refusal, refusedByFailure, refusedByStatus } from './refusal.ts';
import { shown } from './shown.ts';

/** What container runtimes say when a program to start is not in the image. */
const NO_PROGRAM = /executable file not found|no such file or directory|not found in \$PATH/i;
const NO_CONTAINER =
  /container not found|container .{0,200} is not running|cannot exec in a stopped|container is not created or running/i;
/** Exit statuses for "cannot be executed" and "not found", by POSIX. */
const NO_SHELL_STATUS = [126, 127];

/**
 * Why a probe brought nothing. Kubernetes before 1.35 asks for `get` on pods/exec when the connection is a WebSocket,
 * later ones for `create` too, after `get`: a refusal of `get` is told as both rules, it alone would not be enough.
 */
export function whyNoProbe(outcome: ExecOutcome, namespace: string, budget: Budget): readonly Refusal[] {
  if (outcome.state === 'failure') return [refusedByFailure(outcome.failure, budget.stopped())];
  if (outcome.state === 'refused') return refusedBeforehand(outcome.status, outcome.body, namespace);
  if (outcome.ended === 'stopped') return [refusedByFailure({ kind: 'stopped', words: '' }, budget.stopped())];
  if (outcome.ended === 'timeout') return [{ why: 'timeout', detail: 'the probe did not end in time' }];
  return [refusedInThePod(outcome.verdict)];
}

function refusedBeforehand(status: number, body: Buffer, namespace: string): readonly Refusal[] {
  const rules = (['get', 'create'] as const).map(
    (verb): RbacRule => ({ verb, group: '', resource: 'pods/exec', namespace }),
  );
  const said = messageOf(body);
  if (status === 403) {
    // An admission webhook or policy answers 403 too; no rule would help against it.
    const byRbac = said === '' || /cannot (?:get|create) resource/.test(said);
    if (!byRbac) return [{ why: 'forbidden', detail: said }];
    const missing = /cannot create resource/.test(said) ? rules.slice(1) : rules;
    return missing.map((rule) => ({ why: 'forbidden', detail: said || 'not allowed to run anything in pods', rule }));
  }
  if (status === 404 || NO_CONTAINER.test(said))
    return [{ why: 'not-running', detail: said || 'the pod or its container is gone' }];
  if (NO_PROGRAM.test(said)) return [noShell()];
  return rules.slice(0, 1).map((rule) => refusedByStatus(status, body, rule));
}

function refusedInThePod(verdict: string): Refusal {
  const status = parseJson(Buffer.from(verdict));
  const said = shown(textAt(dig(status, 'message')) ?? '');
  const exit = listAt(dig(status, 'details', 'causes')).find((cause) => textAt(dig(cause, 'reason')) === 'ExitCode');
  const code = Number(textAt(dig(exit, 'message')));
  if (NO_SHELL_STATUS.includes(code) || NO_PROGRAM.test(said)) return noShell();
  if (NO_CONTAINER.test(said)) return { why: 'not-running', detail: said };
  return {
    why: 'no-answer',
    detail: said === '' ? 'the probe ended without an answer' : `the probe ended without an answer: ${said}`,
  };
}

function noShell(): Refusal {
  return { why: 'no-shell', detail: 'the image of the container has no shell (sh)' };
}
