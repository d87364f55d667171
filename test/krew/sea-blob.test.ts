import { describe, expect, it } from 'vitest';
import { withBlob } from '../../krew/sea-blob.ts';

const magic = Buffer.from([0x20, 0xda, 0x43, 0x01]);
const rest = Buffer.from('main.js\0the script and its assets');
const older = Buffer.concat([magic, Buffer.from([1, 0]), rest]);
const newer = Buffer.concat([magic, Buffer.from([1, 0, 0]), rest]);
const [front, back] = [
  Buffer.concat([Buffer.from('the runtime'), magic, Buffer.from(' itself')]),
  Buffer.from('its end'),
];

describe('a blob of an older format', () => {
  it('takes the place of the newer one and moves nothing else', () => {
    const made = withBlob(Buffer.concat([front, newer, back]), older, 'main.js');
    expect(made).toEqual(Buffer.concat([front, older, newer.subarray(-1), back]));
  });

  it.each([
    ['there is no blob', [front, back]],
    ['there are two', [front, newer, newer, back]],
    ['the newer one has another content', [front, Buffer.concat([newer.subarray(0, -1), Buffer.from('!')]), back]],
  ])('is refused when %s', (_why, parts) => {
    expect(() => withBlob(Buffer.concat(parts), older, 'main.js')).toThrow(/^[02] places in the executable/);
  });
});
