import { describe, expect, it } from 'vitest';
import { signAdHoc } from '../../krew/mach-o.ts';
import { verifyAdHocSignature } from './verify-signature.ts';

const TEXT_SIZE = 16_384;
const LINK_SIZE = 5_000;

/** A Mach-O file with __TEXT (one section) and __LINKEDIT, and no signature. */
function unsigned(): Buffer {
  const file = Buffer.alloc(TEXT_SIZE + LINK_SIZE, 7);
  const commands = 72 + 80 + 72;
  file.fill(0, 0, 1024);
  for (const [index, value] of [0xfeedfacf, 0x0100000c, 0, 2, 2, commands].entries())
    file.writeUInt32LE(value, index * 4);
  segment(file, 32, { name: '__TEXT', vm: 0x1_0000_0000n, offset: 0, size: TEXT_SIZE, sections: 1 });
  file.writeUInt32LE(1024, 32 + 72 + 48);
  segment(file, 32 + 152, { name: '__LINKEDIT', vm: 0x1_0000_4000n, offset: TEXT_SIZE, size: LINK_SIZE, sections: 0 });
  return file;
}

interface Segment {
  readonly name: string;
  readonly vm: bigint;
  readonly offset: number;
  readonly size: number;
  readonly sections: number;
}

function segment(file: Buffer, at: number, { name, vm, offset, size, sections }: Segment): void {
  file.writeUInt32LE(0x19, at);
  file.writeUInt32LE(72 + sections * 80, at + 4);
  file.write(name, at + 8, 'latin1');
  for (const [index, value] of [vm, 16_384n, BigInt(offset), BigInt(size)].entries()) {
    file.writeBigUInt64LE(value, at + 24 + index * 8);
  }
  file.writeUInt32LE(sections, at + 64);
}

describe('the ad-hoc signature', () => {
  it('fits a file that had none', () => {
    expect(verifyAdHocSignature(unsigned()).trouble).toContain('no signature');
    expect(verifyAdHocSignature(signAdHoc(unsigned(), 'it'))).toEqual({ identifier: 'it', trouble: [] });
  });

  it('takes the place of an old one', () => {
    const twice = signAdHoc(signAdHoc(unsigned(), 'a-longer-name-than-that'), 'it');
    expect(verifyAdHocSignature(twice)).toEqual({ identifier: 'it', trouble: [] });
    expect(twice).toEqual(signAdHoc(unsigned(), 'it'));
  });

  it('no longer fits when a byte of the program or of its header is another', () => {
    for (const [offset, page] of [
      [40, 0],
      [17_000, 4],
    ] as const) {
      const damaged = signAdHoc(unsigned(), 'it');
      damaged[offset] = (damaged[offset] ?? 0) ^ 1;
      expect(verifyAdHocSignature(damaged).trouble).toContain(`page ${page} is not what was signed`);
    }
  });

  it('is refused to what is no Mach-O file', () => {
    expect(() => signAdHoc(Buffer.alloc(100), 'it')).toThrow('not a 64-bit Mach-O file');
  });
});
