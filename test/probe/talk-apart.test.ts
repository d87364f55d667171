import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeTalksApart } from '../../src/evidence/probe/talk.ts';
import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';

const VERSION = '2.6.12-1+deb12u4\n\n';

interface Said {
  readonly question: string;
  readonly answer: string;
}

function talk(said: readonly Said[], length = Number.POSITIVE_INFINITY, status = 0): ProbeAnswer {
  const text = VERSION + said.map(({ answer }) => `${answer}${VERSION}`).join('');
  return { id: 'talk', argument: said.map(({ question }) => question).join('\n'), status, text: text.slice(0, length) };
}

function answer(argument: string, text: string, status = 0): ProbeAnswer {
  return { id: 'haproxy', argument, status, text };
}

const line = fc.string({ unit: fc.constantFrom(...'ab2.6 :#*/-') }).filter((text) => !VERSION.startsWith(text));
const lines = fc.array(line).map((all) => `${all.join('\n')}\n`);
const saids = fc.uniqueArray(
  fc.record({
    question: fc.string({ unit: fc.constantFrom(...'abc ') }).map((name) => `@1 show ${name}`),
    answer: lines,
  }),
  { selector: ({ question }) => question, minLength: 1, maxLength: 9 },
);

test('each question gets the answer that was given to it', () => {
  fc.assert(
    fc.property(saids, (said) => {
      expect(takeTalksApart([talk(said)])).toEqual(said.map((one) => answer(one.question, one.answer)));
    }),
  );
});

test('cut off anywhere, answers are whole or not there: never one that looks shorter than it is', () => {
  fc.assert(
    fc.property(saids, fc.nat(400), (said, length) => {
      const texts = new Map(said.map((one) => [one.question, one.answer]));
      for (const { argument, status, text } of takeTalksApart([talk(said, length)]).filter(({ text }) => text !== '')) {
        const isVersion = VERSION.startsWith(text);
        expect(isVersion || (status === 0 && text === texts.get(argument))).toBe(true);
      }
    }),
  );
});

const INFO = { question: '@1 show info', answer: 'Name: HAProxy\n\n' };
const LIST = { question: '@1 show ssl cert', answer: '# filename\n/a\n/b\n\n' };

test('the first question without a whole answer says what is known of the reason, the others nothing', () => {
  const until = (given: string, status = 0) =>
    takeTalksApart([
      talk([INFO, { ...LIST, answer: given }, INFO], VERSION.length * 2 + INFO.answer.length + given.length, status),
    ])[1];
  expect(until('')).toEqual(answer('@1 show ssl cert', ''));
  // A part of a list must not pass for the list.
  expect(until('# filename\n/a\n')).toEqual(answer('@1 show ssl cert', '', 203));
  expect(until('# filename\n/a\n', 124)).toEqual(answer('@1 show ssl cert', '', 203));
  expect(until('# filename\n/a\n', 200)).toEqual(answer('@1 show ssl cert', '# filename\n/a\n', 200));
  expect(until('socat[7] E read(): reset\n', 1)).toEqual(answer('@1 show ssl cert', 'socat[7] E read(): reset\n', 1));
  const gone = "Can't find the target PID matching the prefix '@1'\n";
  expect(until(gone)).toEqual(answer('@1 show ssl cert', gone));
});

const PROC = { question: 'show proc', answer: '#<PID>\n\n' };
const BUNDLE = '@1 show ssl ca-file /bundle.pem';
/** Of a certificate whose subject has lines as if the answer ended there. */
const FORGED = `Filename: /bundle.pem\nSubject: /CN=x\n${VERSION}y\nCertificate #2:\n\n`;

test('one version too many shifts nothing: what a worker says is asked for alone, and then it is part of the answer', () => {
  const together = talk([PROC, INFO, LIST, { question: BUNDLE, answer: FORGED }]);
  const master = [answer('show version', VERSION), answer('show proc', PROC.answer)];
  expect(takeTalksApart([together])).toEqual(master);
  const alone = talk([{ question: BUNDLE, answer: FORGED }]);
  expect(takeTalksApart([together, alone])).toEqual([...master, answer(BUNDLE, FORGED)]);
});

test('of a talk that is cut, no answer with text out of certificates counts', () => {
  const said = [
    INFO,
    LIST,
    { question: '@1 show ssl cert /svid.pem', answer: 'Filename: /svid.pem\n\n' },
    { question: BUNDLE, answer: FORGED },
  ];
  const whole = talk(said).text.length;
  for (let length = 0; length < whole; length += 1)
    for (const { argument, status, text } of takeTalksApart([talk(said, length, 200)]))
      if (text !== '' && status === 0) expect(['@1 show info', '@1 show ssl cert']).toContain(argument);
});

test('alone and cut, it is no answer', () => {
  const alone = (length: number) => takeTalksApart([talk([{ question: BUNDLE, answer: FORGED }], length)]);
  const whole = VERSION.length * 2 + FORGED.length;
  expect(alone(whole)).toEqual([answer(BUNDLE, FORGED)]);
  expect(alone(whole - 1)).toEqual([answer(BUNDLE, '', 203)]);
});

test('who refuses every question says so once', () => {
  const refusal = "Unknown command: '@1', but maybe:\n  help\n\n";
  const all = { id: 'talk', argument: '@1 show info\n@1 show ssl cert', status: 0, text: refusal.repeat(5) };
  expect(takeTalksApart([all])).toEqual([answer('@1 show info', refusal)]);
});

test('asked again, the last whole answer counts, and a part never replaces it', () => {
  const later = { ...LIST, answer: '# filename\n/c\n\n' };
  const part = talk([INFO, LIST], VERSION.length * 2 + INFO.answer.length + 5);
  expect(takeTalksApart([part, talk([INFO, later])])).toEqual([
    answer(INFO.question, INFO.answer),
    answer(LIST.question, later.answer),
  ]);
  expect(takeTalksApart([talk([INFO, LIST]), part])).toEqual([
    answer(INFO.question, INFO.answer),
    answer(LIST.question, LIST.answer),
  ]);
});

test('the master is asked for its version as well; a worker that is asked by its own socket, too', () => {
  expect(takeTalksApart([talk([PROC, INFO])])).toEqual([
    answer('show version', VERSION),
    answer('show proc', PROC.answer),
    answer(INFO.question, INFO.answer),
  ]);
});

test('other answers stay where they were', () => {
  const clock: ProbeAnswer = { id: 'clock', argument: '', status: 0, text: '1\n' };
  const key: ProbeAnswer = { id: 'public-key', argument: '/k', status: 1, text: '' };
  expect(takeTalksApart([clock, talk([INFO]), key])).toEqual([clock, answer(INFO.question, INFO.answer), key]);
});
