import { isObject, type Json, type JsonObject, textAt } from '../json.ts';
import { type CollectedObject, fieldPath, type Redaction } from '../snapshot.ts';
import { refOf } from '../world.ts';
import { type ConfigMapRole, configMap, rolesByMount } from './config-map.ts';
import { maskSecrets } from './key-material.ts';
import { KINDS, withTypeMeta } from './kinds.ts';
import { Place } from './shape.ts';

/** More than that nobody reads; keys come before everything else. */
const MAX_REDACTIONS = 500;

export interface Redacted {
  readonly objects: readonly CollectedObject[];
  readonly redactions: readonly Redaction[];
}

/**
 * The one gate in front of a snapshot. It lets through what facts read and nothing else: per kind a table of fields,
 * per ConfigMap the settings of the programs that are diagnosed. Text that passes loses whatever may be key material.
 * ConfigMaps are best given together with the workloads that mount them, which tell what they are for.
 */
export function redactObjects(objects: readonly CollectedObject[]): Redacted {
  const roles = rolesByMount(objects);
  const redactions: Redaction[] = [];
  const kept = objects.flatMap((collected) => redactObject(collected, roles, redactions) ?? []);
  return { objects: kept, redactions: mostImportant(redactions) };
}

/** Kinds of which there are thousands, and whose objects pass whatever stands beside them. */
const MANY: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'Endpoints', 'Event']);
/** What is taken out whole, whatever it holds: no part of a text that somebody reads is lost with it. */
const NEVER_READ = /\.env\[\d+\]\.value$|last-applied-configuration"\]$/;
/** What passed early, with what was taken out of it. */
const reducedEarly = new WeakMap<CollectedObject, readonly Redaction[]>();

/**
 * Lets an object of a kind of which there are many through the gate as soon as it has come, so that what nobody reads
 * is not kept until all have. One that would lose part of a text comes back as it is: `redactObjects` tells what it was.
 */
export function reduceEarly(collected: CollectedObject): CollectedObject {
  if (!MANY.has(textAt(collected.object.kind) ?? '')) return collected;
  const redactions: Redaction[] = [];
  const reduced = redactObject(collected, new Map(), redactions);
  if (reduced === undefined || !redactions.every(({ field }) => NEVER_READ.test(field))) return collected;
  reducedEarly.set(reduced, redactions);
  return reduced;
}

function redactObject(
  collected: CollectedObject,
  roles: ReadonlyMap<string, ConfigMapRole>,
  redactions: Redaction[],
): CollectedObject | undefined {
  const early = reducedEarly.get(collected);
  if (early !== undefined) {
    redactions.push(...early);
    return collected;
  }
  const { object, at, file, lines } = collected;
  const kind = textAt(object.kind) ?? '';
  const ref = maskedRef(object);
  const place = new Place((field, reason) => redactions.push({ object: ref, field: field.slice(0, 1000), reason }));
  const keep = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (keep === undefined && kind !== 'ConfigMap') return undefined;
  const reduced = withTypeMeta(
    object,
    kind === 'ConfigMap' ? configMap(object, place, roles) : keep?.(object, place),
    place,
  );
  if (!isObject(reduced)) return undefined;
  return {
    object: reduced,
    at,
    ...(file === undefined ? {} : { file }),
    ...(lines === undefined ? {} : { lines: linesOf(reduced, lines) }),
  };
}

/** Field paths are made of keys, so only those of fields that passed may stay. */
function linesOf(object: JsonObject, lines: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const kept: [string, number][] = [];
  const visit = (value: Json | undefined, segments: readonly (string | number)[]) => {
    const path = fieldPath(...segments);
    const line = Object.hasOwn(lines, path) ? lines[path] : undefined;
    if (line !== undefined) kept.push([path, line]);
    if (Array.isArray(value))
      value.forEach((item, index) => {
        visit(item, [...segments, index]);
      });
    else if (isObject(value)) for (const [key, member] of Object.entries(value)) visit(member, [...segments, key]);
  };
  visit(object, []);
  return Object.fromEntries(kept);
}

function maskedRef(object: JsonObject): Redaction['object'] {
  const { kind, namespace, name } = refOf(object);
  const ref = { kind: maskSecrets(kind).text, name: maskSecrets(name).text };
  return namespace === undefined ? ref : { ...ref, namespace: maskSecrets(namespace).text };
}

function mostImportant(redactions: readonly Redaction[]): readonly Redaction[] {
  const order = ['private-key', 'credential', 'not-needed'];
  return redactions.toSorted((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason)).slice(0, MAX_REDACTIONS);
}
