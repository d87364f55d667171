import type { DoctorReport } from '../doctor/report.ts';
import { escapeJson } from './escape.ts';

/** The report as one JSON document that `doctor-report.schema.json` describes. */
export function renderJson(report: DoctorReport): string {
  return [...jsonPieces(report)].join('');
}

/** Characters after which a piece ends. */
const PIECE = 262_144;

/** The same document in pieces: with thousands of results, building it whole takes several times its size in memory. */
export function* jsonPieces(report: DoctorReport): Iterable<string> {
  let piece = '';
  for (const part of partsOf(report)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function* partsOf(report: DoctorReport): Iterable<string> {
  let before = '{\n';
  for (const [key, value] of Object.entries(report)) {
    if (value === undefined) continue;
    yield `${before}  ${JSON.stringify(key)}: `;
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, item] of value.entries()) yield `${index === 0 ? '[' : ','}\n    ${indented(item, '    ')}`;
      yield '\n  ]';
    } else yield indented(value, '  ');
    before = ',\n';
  }
  yield '\n}\n';
}

/** No string of JSON holds a line break: all of them are between values. */
function indented(value: unknown, by: string): string {
  return escapeJson(JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${by}`));
}

/** Any value as indented JSON without raw hidden characters. */
export function renderJsonValue(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, undefined, 2))}\n`;
}
