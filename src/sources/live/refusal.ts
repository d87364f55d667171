import { dig, type Json, textAt } from '../../evidence/json.ts';
import type { RbacRule, Why } from '../../evidence/reading.ts';
import type { StopReason } from './budget.ts';
import type { Failure } from './failure.ts';
import { shown } from './shown.ts';

/** Why something was not collected. */
export interface Refusal {
  readonly why: Why;
  readonly detail: string;
  readonly rule?: RbacRule;
}

/** The reason of an answer that is not 2xx; `rule` is what a 403 asks for. */
export function refusedByStatus(status: number, body: Buffer, rule: RbacRule): Refusal {
  const said = messageOf(body);
  if (status === 403) return { why: 'forbidden', detail: said || `not allowed to ${rule.verb} ${rule.resource}`, rule };
  if (status === 401) return { why: 'unauthorized', detail: 'the API server did not accept the credentials' };
  const answer = `the API server answered ${status}`;
  return { why: 'server-error', detail: said === '' ? answer : `${answer}: ${said}` };
}

export function refusedByFailure(failure: Failure, stopped: StopReason | undefined): Refusal {
  if (failure.kind === 'stopped') {
    const why = stopped ?? 'interrupted';
    return {
      why,
      detail: why === 'deadline' ? 'the time of the run was over (--timeout gives more)' : 'the run was interrupted',
    };
  }
  if (failure.kind === 'timeout') return { why: 'timeout', detail: `the API server gave ${failure.words}` };
  if (failure.kind === 'too-large') return { why: 'truncated', detail: failure.words };
  return { why: 'server-error', detail: failure.words };
}

/** The message of a Status body, one line; '' when there is none. */
export function messageOf(body: Buffer): string {
  return shown(textAt(dig(parseJson(body.subarray(0, 65_536)), 'message')) ?? '');
}

/** Undefined for what is not JSON. */
export function parseJson(body: Buffer): Json | undefined {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
