import type { Editable, EditableObject } from '../../scenario/field-edit.ts';

/** How a field of a message is read; a list of it when `repeated`. */
export interface Field {
  readonly name: string;
  readonly type: 'text' | 'bytes' | 'number' | 'flag' | 'text map' | 'bytes map' | Message;
  readonly repeated?: 'repeated';
}

/** Fields by their number. */
export type Message = ReadonlyMap<number, Field>;

/** Reads a message; bytes become base64, as in JSON. Fields that the schema does not name are passed over. Throws on what is no protobuf. */
export function readMessage(bytes: Uint8Array, message: Message): EditableObject {
  const object: EditableObject = {};
  const maps = new Map<string, EditableObject>();
  for (const { number, value } of wireFields(bytes)) {
    const field = message.get(number);
    if (!field) continue;
    if (field.type === 'text map' || field.type === 'bytes map') {
      const map = maps.get(field.name) ?? {};
      maps.set(field.name, map);
      object[field.name] = map;
      const { key, member } = readEntry(value, field.type === 'text map' ? 'text' : 'bytes');
      map[key] = member;
      continue;
    }
    const read = readValue(value, field.type);
    const before = object[field.name];
    if (field.repeated === undefined) object[field.name] = read;
    else object[field.name] = [...(Array.isArray(before) ? before : []), read];
  }
  return object;
}

interface WireField {
  readonly number: number;
  readonly value: Uint8Array | number;
}

function readValue(value: Uint8Array | number, type: Exclude<Field['type'], 'text map' | 'bytes map'>): Editable {
  if (typeof value === 'number') return type === 'flag' ? value !== 0 : value;
  if (type === 'bytes') return Buffer.from(value).toString('base64');
  return typeof type === 'string' ? Buffer.from(value).toString('utf8') : readMessage(value, type);
}

function readEntry(value: Uint8Array | number, type: 'text' | 'bytes') {
  const entry = readMessage(
    typeof value === 'number' ? new Uint8Array() : value,
    new Map([
      [1, { name: 'key', type: 'text' }],
      [2, { name: 'value', type }],
    ]),
  );
  return { key: String(entry.key ?? ''), member: entry.value ?? '' };
}

function* wireFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error('unexpected EOF');
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('integer overflow');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error('unexpected EOF');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 1) yield { number, value: take(8) };
    else if (wireType === 2) yield { number, value: take(varint()) };
    else if (wireType === 5) yield { number, value: take(4) };
    else throw new Error(`illegal wireType ${wireType}`);
  }
}
