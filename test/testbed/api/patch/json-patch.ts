import { isDeepStrictEqual } from 'node:util';
import type { Editable } from '../../../scenario/field-edit.ts';
import { isMap } from '../metadata.ts';
import { badRequest, StatusError } from '../status.ts';

/** The document after the operations of RFC 6902. Throws what the API server answers to a patch that does not fit. */
export function jsonPatched(document: Editable, operations: Editable): Editable {
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value');
  const box: { root: Editable } = { root: structuredClone(document) };
  for (const operation of operations) {
    if (!isMap(operation)) throw badRequest('error decoding patch: an operation is no object');
    const path = String(operation.path);
    const { op, value, from } = operation;
    const given = () => structuredClone(value ?? null);
    if (op === 'test') {
      if (!isDeepStrictEqual(read(box.root, path), value)) throw unfit(`testing value ${path} failed: test failed`);
    } else if (op === 'add') add(box, path, given());
    else if (op === 'remove') take(box, path);
    else if (op === 'replace') {
      take(box, path);
      add(box, path, given());
    } else if (op === 'move') add(box, path, take(box, String(from)));
    else if (op === 'copy') add(box, path, structuredClone(read(box.root, String(from))));
    else throw unfit(`Unexpected kind: ${String(op)}`);
  }
  return box.root;
}

function read(root: Editable, pointer: string): Editable {
  let here: Editable | undefined = root;
  for (const step of stepsOf(pointer)) {
    here = Array.isArray(here) ? here[Number(step)] : isMap(here) && Object.hasOwn(here, step) ? here[step] : undefined;
    if (here === undefined) throw missing(pointer);
  }
  return here;
}

function add(box: { root: Editable }, pointer: string, value: Editable): void {
  const last = stepsOf(pointer).at(-1);
  if (last === undefined) {
    box.root = value;
    return;
  }
  const parent = read(box.root, parentOf(pointer));
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(at) || at < 0 || at > parent.length) throw missing(pointer);
    parent.splice(at, 0, value);
  } else if (isMap(parent)) parent[last] = value;
  else throw missing(pointer);
}

function take(box: { root: Editable }, pointer: string): Editable {
  const value = read(box.root, pointer);
  const last = stepsOf(pointer).at(-1);
  if (last === undefined) return value;
  const parent = read(box.root, parentOf(pointer));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isMap(parent)) delete parent[last];
  return value;
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}

function missing(pointer: string): StatusError {
  return unfit(`operation does not apply: doc is missing path: ${pointer}: missing value`);
}

/** The API server keeps the particulars in the causes. */
function unfit(why: string): StatusError {
  const causes = [{ reason: 'UnexpectedServerResponse', message: why }];
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', { causes });
}
