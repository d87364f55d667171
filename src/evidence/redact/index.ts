export { type LogRole, redactLog } from './log.ts';
export { redactProbe } from './probe.ts';
export { redactObjects, reduceEarly } from './redact-objects.ts';
