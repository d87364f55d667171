import type { ReportFix, SubjectRef } from '../doctor/report.ts';
import type { ObjectRef, RbacRule, Why } from '../evidence/reading.ts';

const WHY = {
  forbidden: 'not allowed (403)',
  unauthorized: 'the credentials were refused (401)',
  timeout: 'no answer in time',
  deadline: 'the time of --timeout was up',
  interrupted: 'interrupted',
  'server-error': 'the API server failed',
  'no-shell': 'the container has no shell',
  'no-answer': 'no answer',
  'not-running': 'not running',
  'not-scheduled': 'not scheduled to a node',
  'too-young': 'too young to tell',
  rotating: 'a rotation is under way',
  truncated: 'the answer was cut off',
  unreadable: 'could not be read',
  'not-in-files': 'not among these files',
  'switched-off': 'switched off by a flag',
  'no-subject': 'nothing to look at',
  'no-evidence': 'no evidence',
  'needs-live': 'only a running cluster shows it',
  'nothing-uses-it': 'nothing uses it',
  'no-mtls-intent': 'no mTLS is wanted here',
  gone: 'already gone',
  'node-not-ready': 'its node is not ready',
} as const satisfies Record<Why, string>;

/** True for the reasons that results and flags can name. */
export function isWhy(word: string): word is Why {
  return Object.hasOwn(WHY, word);
}

/** A reason in words. */
export function whyInWords(why: Why): string {
  return WHY[why];
}

const IMPACT = {
  none: 'nothing restarts',
  reload: 'HAProxy reloads',
  rollout: 'pods are replaced one after another',
  'cluster-wide': 'changes the whole cluster, not only HAPTIC',
} as const satisfies Record<ReportFix['impact'], string>;

export function impactInWords(impact: ReportFix['impact']): string {
  return IMPACT[impact];
}

/** `Pod haptic/haptic-haproxy-0`, with its container where it names one. */
export function refInWords(ref: ObjectRef | SubjectRef): string {
  const container = 'container' in ref && ref.container !== undefined ? `, container ${ref.container}` : '';
  return `${ref.kind} ${shortRef(ref)}${container}`;
}

/** `haptic/haptic-haproxy-0`. */
export function shortRef(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

const PLURALS: Readonly<Record<string, string>> = { Ingress: 'Ingresses', Pod: 'pods' };

/** `2 pods`, `1 Ingress`, for objects of one kind. */
export function counted(count: number, kind: string): string {
  if (count === 1) return `1 ${kind === 'Pod' ? 'pod' : kind}`;
  return `${count} ${PLURALS[kind] ?? `${kind}s`}`;
}

/** `n` things in words: `1 check`, `3 checks`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first names and how many more there are. */
export function listed(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** `2026-11-22 03:40 UTC`; text that is no time is returned as it is. */
export function timeInWords(time: string): string {
  const epoch = Date.parse(time);
  if (Number.isNaN(epoch)) return time;
  return `${new Date(epoch).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A length of time in its two largest units: `45 s`, `40 min`, `2 h 10 min`, `3 d 4 h`. */
export function durationInWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `create pods/exec in namespace haptic`. */
export function ruleInWords(rule: RbacRule): string {
  const resource = rule.group === '' ? rule.resource : `${rule.resource}.${rule.group}`;
  const name = rule.name === undefined ? '' : ` ${rule.name}`;
  const where = rule.namespace === undefined ? ' in the whole cluster' : ` in namespace ${rule.namespace}`;
  return `${rule.verb} ${resource}${name}${where}`;
}
