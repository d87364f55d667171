import { expect, it } from 'vitest';
import { jsonPieces, renderJson } from '../../src/report/json.ts';
import { BROKEN_FILES, HEALTHY, HUNDRED_PODS, WRONG_SOCKET } from './reports.ts';

it.each([BROKEN_FILES, HEALTHY, HUNDRED_PODS, WRONG_SOCKET])(
  'a report in pieces is the document of the whole',
  (report) => {
    const document = renderJson(report);
    expect(document).toBe(
      `${JSON.stringify(JSON.parse(document), undefined, 2).replace(/[\u007f-\u009f\p{Cf}]/gu, escaped)}\n`,
    );
    expect(JSON.parse(document)).toEqual(JSON.parse(JSON.stringify(report)));
  },
);

it('what a report does not have is left out', () => {
  const report = Object.assign({ ...HEALTHY }, { other: undefined });
  expect(renderJson(report)).toBe(renderJson(HEALTHY));
});

it('a report with thousands of results is never one string', () => {
  const results = Array.from({ length: 300 }, () => HUNDRED_PODS.results).flat();
  const pieces = [...jsonPieces({ ...HUNDRED_PODS, results })];
  expect(pieces.length).toBeGreaterThan(4);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1_000_000);
  expect(JSON.parse(pieces.join('')).results).toHaveLength(results.length);
});

function escaped(found: string): string {
  return Array.from(
    { length: found.length },
    (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
