import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeCommand } from '../../src/evidence/probe/command.ts';
import { readProbe } from '../../src/evidence/probe/read.ts';
import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';

const BOUNDARY = 'a-boundary-nobody-knows';

function framed(answers: readonly ProbeAnswer[], done: string | undefined = '0'): Buffer {
  const frames = answers.map(({ id, argument, status, text }) =>
    Buffer.from(
      `${BOUNDARY} ${id} ${status} ${Buffer.byteLength(argument)} ${Buffer.byteLength(text)}\n${argument}${text}\n`,
    ),
  );
  return Buffer.concat([...frames, Buffer.from(done === undefined ? '' : `${BOUNDARY} done ${done} 0 0\n\n`)]);
}

const CLOCK: ProbeAnswer = { id: 'clock', argument: '', status: 0, text: '1795310134\n' };
const ANSWERS: readonly ProbeAnswer[] = [
  CLOCK,
  { id: 'haproxy', argument: 'show version', status: 0, text: '3.2.26-1\n\n' },
  { id: 'stat', argument: '/a b/ü\n.pem', status: 1, text: `stat: no\n${BOUNDARY} done 0 0 0\n\n` },
  { id: 'readable', argument: '/a', status: 0, text: '' },
];

test('answers come back as they were given, whatever their text looks like', () => {
  expect(readProbe(framed(ANSWERS), BOUNDARY)).toEqual({ answers: ANSWERS, complete: true });
});

test('cut off at any byte, whole answers count, the rest is missing, and the output is not complete', () => {
  const whole = framed(ANSWERS);
  const end = whole.length;
  for (let cut = 0; cut < end; cut += 1) {
    const { answers, complete } = readProbe(whole.subarray(0, cut), BOUNDARY);
    expect(complete).toBe(false);
    expect(answers).toEqual(ANSWERS.slice(0, answers.length));
  }
});

test('a probe that ran out of time is not complete', () => {
  expect(readProbe(framed(ANSWERS, '1'), BOUNDARY)).toEqual({ answers: ANSWERS, complete: false });
});

test('what a shell says before the first answer is passed over', () => {
  const noisy = Buffer.concat([Buffer.from('Welcome!\nboundary\n'), framed(ANSWERS)]);
  expect(readProbe(noisy, BOUNDARY)).toEqual({ answers: ANSWERS, complete: true });
});

test('another boundary is nobody’s answer', () => {
  expect(readProbe(framed(ANSWERS), 'another-boundary')).toEqual({ answers: [], complete: false });
});

test('text survives framing unchanged, in any order of anything', () => {
  const answer = fc.record({
    id: fc.constantFrom('haproxy', 'stat', 'certificates'),
    argument: fc.string({ unit: 'grapheme' }),
    status: fc.integer({ min: 0, max: 255 }),
    text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(`\n${BOUNDARY} stat 0 1 1\nab\n`)),
  });
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      expect(readProbe(framed([CLOCK, ...answers]), BOUNDARY)).toEqual({
        answers: [CLOCK, ...answers],
        complete: true,
      });
    }),
  );
});

test('arbitrary bytes are read without an exception and never as complete', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const output = Buffer.concat([Buffer.from(`${BOUNDARY} clock `), bytes]);
      expect(readProbe(output, BOUNDARY).complete).toBe(false);
      expect(readProbe(bytes, BOUNDARY)).toEqual({ answers: [], complete: false });
    }),
  );
});

test('paths are words of their own and never part of the script', () => {
  const path = '$(touch /x); `id` "\'';
  const words = probeCommand({ socket: path, directory: path, svid: path, key: path, bundle: path }, BOUNDARY);
  expect(words.slice(0, 2)).toEqual(['sh', '-c']);
  expect(words[2]).not.toContain('touch');
  expect(words.slice(3)).toEqual(['haptic-spire-probe', BOUNDARY, path, path, path, path, path, '']);
});

test('a boundary that could be read as something else is refused', () => {
  const paths = { socket: '', directory: '', svid: '', key: '', bundle: '' };
  for (const boundary of ['', 'short', 'with blank in it', "quote'quote", 'x'.repeat(65)]) {
    expect(() => probeCommand(paths, boundary)).toThrow(RangeError);
  }
});
