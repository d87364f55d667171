import { createHash } from 'node:crypto';

// <mach-o/loader.h> and <kern/cs_blobs.h>: load commands are little-endian, the signature is big-endian.
const MAGIC_64 = 0xfeedfacf;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_SIZE = 32;
const COMMAND_SIZE = 16;
const PAGE = 4096;
const HASH_SIZE = 32;

interface Layout {
  /** Offset of __LINKEDIT's load command. */
  readonly linkEdit: number;
  /** Offset of LC_CODE_SIGNATURE, if there is one. */
  readonly signature: number | undefined;
  readonly textSize: bigint;
  readonly endOfCommands: number;
  /** Offset of the first section's bytes: load commands must end before it. */
  readonly firstSection: number;
}

/**
 * The executable with an ad-hoc signature over all its pages, in place of whatever signature it had. Without a valid one
 * the kernel of an arm64 Mac ends the program as it starts.
 */
export function signAdHoc(unsigned: Buffer, identifier: string): Buffer {
  const layout = layoutOf(unsigned);
  const oldStart = layout.signature === undefined ? undefined : unsigned.readUInt32LE(layout.signature + 8);
  const linkStart = Number(unsigned.readBigUInt64LE(layout.linkEdit + 40));
  const linkEnd = linkStart + Number(unsigned.readBigUInt64LE(layout.linkEdit + 48));
  const codeEnd = Math.ceil((oldStart ?? linkEnd) / 16) * 16;
  const identity = Buffer.from(`${identifier}\0`);
  const size = superBlobSize(codeEnd, identity.length);
  const signed = Buffer.alloc(codeEnd + size);
  unsigned.copy(signed, 0, 0, Math.min(codeEnd, unsigned.length));

  let command = layout.signature;
  if (command === undefined) {
    command = layout.endOfCommands;
    if (command + COMMAND_SIZE > layout.firstSection) throw new Error('no room for a load command');
    signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16);
    signed.writeUInt32LE(signed.readUInt32LE(20) + COMMAND_SIZE, 20);
  }
  for (const [index, value] of [LC_CODE_SIGNATURE, COMMAND_SIZE, codeEnd, size].entries()) {
    signed.writeUInt32LE(value, command + index * 4);
  }
  const linkSize = codeEnd + size - linkStart;
  const LARGEST_PAGE = 16384;
  signed.writeBigUInt64LE(BigInt(Math.ceil(linkSize / LARGEST_PAGE) * LARGEST_PAGE), layout.linkEdit + 32);
  signed.writeBigUInt64LE(BigInt(linkSize), layout.linkEdit + 48);
  superBlob(signed.subarray(0, codeEnd), identity, layout.textSize).copy(signed, codeEnd);
  return signed;
}

function layoutOf(file: Buffer): Layout {
  if (file.readUInt32LE(0) !== MAGIC_64) throw new Error('not a 64-bit Mach-O file');
  let at = HEADER_SIZE;
  let linkEdit: number | undefined;
  let signature: number | undefined;
  let textSize = 0n;
  let firstSection = file.length;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const kind = file.readUInt32LE(at);
    if (kind === LC_CODE_SIGNATURE) signature = at;
    if (kind === LC_SEGMENT_64) {
      const name = file.toString('latin1', at + 8, at + 24).replace(/\0+$/, '');
      if (name === '__LINKEDIT') linkEdit = at;
      if (name === '__TEXT') {
        textSize = file.readBigUInt64LE(at + 48);
        firstSection = file.readUInt32LE(at + 72 + 48);
      }
    }
    at += file.readUInt32LE(at + 4);
  }
  if (linkEdit === undefined) throw new Error('no __LINKEDIT segment');
  return { linkEdit, signature, textSize, endOfCommands: at, firstSection };
}

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const REQUIREMENTS = 0xfade0c01;
const CMS = 0xfade0b01;
/** Slots in front of the pages' hashes: Info.plist (none) and the requirements. */
const SPECIAL_SLOTS = 2;
/** Three blobs with their index entries. */
const INDEX_SIZE = 12 + 3 * 8;
/** A code directory of version 0x20400, which has the executable segment. */
const DIRECTORY_SIZE = 88;
const EMPTY_REQUIREMENTS = 12;
const EMPTY_CMS = 8;

function superBlobSize(codeSize: number, identitySize: number): number {
  const pages = Math.ceil(codeSize / PAGE);
  return (
    INDEX_SIZE + DIRECTORY_SIZE + identitySize + (SPECIAL_SLOTS + pages) * HASH_SIZE + EMPTY_REQUIREMENTS + EMPTY_CMS
  );
}

function superBlob(code: Buffer, identity: Buffer, textSize: bigint): Buffer {
  const requirements = words([REQUIREMENTS, EMPTY_REQUIREMENTS, 0]);
  const directory = codeDirectory(code, identity, textSize, requirements);
  const cms = words([CMS, EMPTY_CMS]);
  const size = superBlobSize(code.length, identity.length);
  const [first, second] = [INDEX_SIZE + directory.length, INDEX_SIZE + directory.length + requirements.length];
  const index = words([SUPER_BLOB, size, 3, 0, INDEX_SIZE, 2, first, 0x10000, second]);
  return Buffer.concat([index, directory, requirements, cms]);
}

function codeDirectory(code: Buffer, identity: Buffer, textSize: bigint, requirements: Buffer): Buffer {
  const pages = Math.ceil(code.length / PAGE);
  const hashes = DIRECTORY_SIZE + identity.length + SPECIAL_SLOTS * HASH_SIZE;
  const AD_HOC = 0x2;
  const MAIN_BINARY = 1n;
  const head = Buffer.alloc(DIRECTORY_SIZE);
  const fields = [CODE_DIRECTORY, hashes + pages * HASH_SIZE, 0x20400, AD_HOC, hashes, DIRECTORY_SIZE];
  for (const [index, value] of [...fields, SPECIAL_SLOTS, pages, code.length].entries()) {
    head.writeUInt32BE(value, index * 4);
  }
  const SHA256 = 2;
  head.set([HASH_SIZE, SHA256, 0, Math.log2(PAGE)], 36);
  // From here on scatter, team and 64-bit code limit stay 0; then the executable segment: base, limit, flags.
  head.writeBigUInt64BE(textSize, 72);
  head.writeBigUInt64BE(MAIN_BINARY, 80);
  const slots = [sha256(requirements), Buffer.alloc(HASH_SIZE)];
  for (let start = 0; start < code.length; start += PAGE) slots.push(sha256(code.subarray(start, start + PAGE)));
  return Buffer.concat([head, identity, ...slots]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
