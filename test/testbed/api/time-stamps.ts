import type { Editable } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';

const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Maps whose strings are somebody's text, not the cluster's clock; a shifted annotation would start a roll-out. */
const TEXTS = new Set(['annotations', 'labels', 'data', 'binaryData', 'stringData']);

/** Epoch milliseconds as the API writes times: whole seconds, UTC. */
export function stampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A copy in which every time stamp is moved by so many milliseconds. */
export function timesMoved(object: KubeObject, milliseconds: number): KubeObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, TEXTS.has(key) ? value : moved(value, milliseconds)]),
  );
}

function moved(value: Editable, milliseconds: number): Editable {
  if (Array.isArray(value)) return value.map((item) => moved(item, milliseconds));
  if (typeof value === 'object' && value !== null) return timesMoved(value, milliseconds);
  const [match, fraction] = typeof value === 'string' ? (STAMP.exec(value) ?? []) : [];
  if (match === undefined) return value;
  const at = Date.parse(match) + milliseconds;
  return fraction === undefined ? stampOf(at) : new Date(at).toISOString();
}
