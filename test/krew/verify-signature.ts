import { createHash } from 'node:crypto';

export interface SignatureVerdict {
  readonly identifier: string;
  /** Empty: a Mac's kernel finds nothing to complain about. */
  readonly trouble: readonly string[];
}

/**
 * Reads a Mach-O file the way a Mac's kernel does and compares every page with its hash. Shares no code with what signs:
 * it starts from the file's load commands, not from what was meant to be written.
 */
export function verifyAdHocSignature(file: Buffer): SignatureVerdict {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const trouble: string[] = [];
  const segments: { name: string; vm: bigint; vmSize: bigint; offset: bigint; size: bigint }[] = [];
  let signature: { offset: number; size: number } | undefined;
  const commandsEnd = 32 + view.getUint32(20, true);
  let at = 32;
  for (let index = 0; index < view.getUint32(16, true); index += 1) {
    const [command, size] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (size === 0 || at + size > commandsEnd) trouble.push(`load command ${index} leaves its table`);
    if (command === 0x19) {
      const [vm, vmSize, offset, length] = [24, 32, 40, 48].map((field) => view.getBigUint64(at + field, true));
      const name = file.toString('latin1', at + 8, at + 24).replaceAll('\0', '');
      segments.push({ name, vm: vm ?? 0n, vmSize: vmSize ?? 0n, offset: offset ?? 0n, size: length ?? 0n });
    }
    if (command === 0x1d) signature = { offset: view.getUint32(at + 8, true), size: view.getUint32(at + 12, true) };
    at += size;
  }
  if (at !== commandsEnd) trouble.push('the load commands are not as long as the header says');
  if (signature === undefined) return { identifier: '', trouble: [...trouble, 'no signature'] };
  if (signature.offset + signature.size !== file.length)
    trouble.push('the signature is not the last thing in the file');
  for (const [index, segment] of segments.entries()) {
    if (segment.offset + segment.size > BigInt(file.length)) trouble.push(`${segment.name} leaves the file`);
    if (segment.size > segment.vmSize) trouble.push(`${segment.name} is larger than its memory`);
    const next = segments[index + 1];
    if (next !== undefined && segment.vm + segment.vmSize > next.vm)
      trouble.push(`${segment.name} overlaps ${next.name}`);
  }
  const last = segments.at(-1);
  if (last?.name !== '__LINKEDIT' || last.offset + last.size !== BigInt(file.length))
    trouble.push('__LINKEDIT does not end the file');

  const blob = new DataView(file.buffer, file.byteOffset + signature.offset, signature.size);
  if (blob.getUint32(0) !== 0xfade0cc0 || blob.getUint32(4) !== signature.size) trouble.push('not a signature');
  const slots = new Map<number, number>();
  for (let index = 0; index < blob.getUint32(8); index += 1)
    slots.set(blob.getUint32(12 + index * 8), blob.getUint32(16 + index * 8));
  const start = slots.get(0) ?? 0;
  const directory = new DataView(blob.buffer, blob.byteOffset + start, blob.getUint32(start + 4));
  const field = (offset: number) => directory.getUint32(offset);
  if (field(0) !== 0xfade0c02) trouble.push('no code directory');
  if ((field(12) & 2) === 0) trouble.push('not ad hoc');
  if (field(32) !== signature.offset) trouble.push('the code does not end where the signature starts');
  const [hashSize, hashType, pageBits] = [36, 37, 39].map((offset) => directory.getUint8(offset));
  if (hashSize !== 32 || hashType !== 2) trouble.push('not SHA-256');
  const text = segments.find(({ name }) => name === '__TEXT');
  if (directory.getBigUint64(64) !== text?.offset || directory.getBigUint64(72) !== text.size)
    trouble.push('executable segment');
  if (directory.getBigUint64(80) !== 1n) trouble.push('not a main binary');

  const bytes = Buffer.from(directory.buffer, directory.byteOffset, directory.byteLength);
  const hashAt = (slot: number) => bytes.subarray(field(16) + slot * 32, field(16) + (slot + 1) * 32);
  const page = 1 << (pageBits ?? 0);
  const pages = Math.ceil(signature.offset / page);
  if (field(28) !== pages) trouble.push(`${field(28)} hashes for ${pages} pages`);
  for (let index = 0; index < pages; index += 1) {
    const code = file.subarray(index * page, Math.min((index + 1) * page, signature.offset));
    if (!sha256(code).equals(hashAt(index))) trouble.push(`page ${index} is not what was signed`);
  }
  const requirements = slots.get(2);
  if (requirements !== undefined) {
    const size = blob.getUint32(requirements + 4);
    const body = Buffer.from(blob.buffer, blob.byteOffset + requirements, size);
    if (!sha256(body).equals(hashAt(-2))) trouble.push('the requirements are not what was signed');
  }
  const identity = bytes.subarray(field(20));
  return { identifier: identity.toString('latin1', 0, identity.indexOf(0)), trouble };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
