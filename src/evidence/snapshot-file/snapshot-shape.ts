import { isObject, type JsonObject } from '../json.ts';
import type { Why } from '../reading.ts';
import type { Snapshot, SnapshotSource, Target } from '../snapshot.ts';
import { flag, Invalid, json, list, map, number, object, oneOf, type Shape, text, time } from './validate.ts';

const WHY: readonly Why[] = [
  'forbidden',
  'unauthorized',
  'timeout',
  'deadline',
  'interrupted',
  'server-error',
  'no-shell',
  'no-answer',
  'not-running',
  'not-scheduled',
  'too-young',
  'rotating',
  'truncated',
  'unreadable',
  'not-in-files',
  'switched-off',
  'no-subject',
  'no-evidence',
  'needs-live',
  'nothing-uses-it',
  'no-mtls-intent',
  'gone',
  'node-not-ready',
];

/** A reason of a newer release still means that something was not seen. */
const why: Shape<Why> = (value, path) => WHY.find((known) => known === text(value, path)) ?? 'no-evidence';

const reference = object({ kind: text, name: text }, { namespace: text });

const source: Shape<SnapshotSource> = (value, path) => {
  const { kind } = object({ kind: oneOf('live', 'manifests', 'demo') })(value, path);
  if (kind === 'live') {
    return object({ kind: oneOf('live') }, { context: text, server: text, serverVersion: text, interrupted: flag })(
      value,
      path,
    );
  }
  if (kind === 'manifests') return object({ kind: oneOf('manifests'), files: list(text), complete: flag })(value, path);
  return object({ kind: oneOf('demo'), story: text })(value, path);
};

const apiObject: Shape<JsonObject> = (value, path) => {
  const whole = json(value, path);
  if (!isObject(whole)) throw new Invalid(`${path} is not an object`);
  text(whole.kind, `${path}.kind`);
  return whole;
};

const target: Shape<Target> = (value, path) => {
  const { what } = object({ what: oneOf('objects', 'log', 'probe') })(value, path);
  if (what === 'objects')
    return object({ what: oneOf('objects'), kind: text }, { namespace: text, name: text })(value, path);
  if (what === 'probe') return object({ what: oneOf('probe'), namespace: text, pod: text })(value, path);
  return object({ what: oneOf('log'), namespace: text, pod: text, container: text, previous: flag })(value, path);
};

const rule = object({ verb: text, group: text, resource: text }, { namespace: text, name: text });
const answer = object({ id: text, argument: text, status: number, text });

/** Every field of a snapshot. What is not listed here is left out on reading. */
export const snapshotShape: Shape<Snapshot> = object({
  apiVersion: oneOf('haptic-spire.dev/v1'),
  kind: oneOf('Snapshot'),
  tool: object({ name: text, version: text }),
  observedAt: time,
  source,
  objects: list(object({ object: apiObject, at: time }, { file: text, lines: map(number) })),
  coverage: list(object({ kind: text }, { namespace: text, name: text })),
  logs: list(object({ namespace: text, pod: text, container: text, previous: flag, at: time, text, truncated: flag })),
  probes: list(
    object({ namespace: text, pod: text, container: text, at: time, answers: list(answer), complete: flag }),
  ),
  notCollected: list(object({ target, why, detail: text }, { rule })),
  redactions: list(
    object({ object: reference, field: text, reason: oneOf('private-key', 'not-needed', 'credential') }),
  ),
  requests: object({ list: number, exec: number, log: number, other: number }),
  notes: list(text),
});
