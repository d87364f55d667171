import { promisify } from 'node:util';
import { crc32, deflateRaw, gzip } from 'node:zlib';

export interface ArchiveFile {
  /** Relative, ASCII, without `..`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** 1980-01-01, the earliest time that both formats can tell: archives of the same files have the same bytes. */
const TIME = 315_532_800;
const BEST = { level: 9 };

export async function tarGz(files: readonly ArchiveFile[]): Promise<Buffer> {
  const BLOCK = 512;
  const blocks = files.flatMap((file) => [
    tarHeader(file),
    Buffer.from(file.content),
    Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK),
  ]);
  return promisify<Buffer, { level: number }, Buffer>(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), BEST);
}

function tarHeader({ path, content, executable }: ArchiveFile): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, size: number) =>
    header.write(`${value.toString(8).padStart(size - 1, '0')}\0`, at, 'latin1');
  header.write(path, 0, 100, 'latin1');
  octal(executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(TIME, 136, 12);
  header.write('        0', 148, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

export async function zip(files: readonly ArchiveFile[]): Promise<Buffer> {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { path, content, executable } of files) {
    const packed = await promisify<Uint8Array, { level: number }, Buffer>(deflateRaw)(content, BEST);
    const name = Buffer.from(path, 'latin1');
    const MADE_ON_UNIX_2_0 = 0x0314;
    const DOS_DATE = 0x21;
    const shared = Buffer.alloc(26);
    for (const [at, value] of [20, 0, 8, 0, DOS_DATE].entries()) shared.writeUInt16LE(value, at * 2);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), shared, name, packed]);
    const head = Buffer.alloc(6);
    head.write('PK\u0001\u0002', 'latin1');
    head.writeUInt16LE(MADE_ON_UNIX_2_0, 4);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((executable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    bodies.push(local);
    entries.push(Buffer.concat([head, shared, tail, name]));
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}
