import type { ProbeAnswer } from '../snapshot.ts';
import { takePemApart } from './pem.ts';
import { takeTalksApart } from './talk.ts';

export interface ProbeOutput {
  readonly answers: readonly ProbeAnswer[];
  /** False when the output ends before the probe said that it asked everything. */
  readonly complete: boolean;
}

const NEWLINE = 0x0a;
/** An id, a status and two lengths, each bounded. */
const HEADER = /^([a-z-]{1,32}) ([0-9]{1,3}) ([0-9]{1,7}) ([0-9]{1,7})$/;
const LONGEST_HEADER = 128;

/**
 * Reads what the probe printed, cut off wherever: an answer counts only when all its bytes are there. What a shell
 * prints before the first answer is passed over; anything between answers ends the reading.
 */
export function readProbe(output: string | Uint8Array, boundary: string): ProbeOutput {
  const bytes =
    typeof output === 'string'
      ? Buffer.from(output, 'utf8')
      : Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const answers: ProbeAnswer[] = [];
  let at = firstAnswer(bytes, boundary);
  while (at < bytes.length) {
    const end = bytes.subarray(at, at + LONGEST_HEADER).indexOf(NEWLINE);
    if (end < 0) break;
    const header = bytes.toString('latin1', at, at + end);
    if (!header.startsWith(`${boundary} `)) break;
    const [, id, status, argumentLength, textLength] = HEADER.exec(header.slice(boundary.length + 1)) ?? [];
    if (id === undefined) break;
    const argumentAt = at + end + 1;
    const textAt = argumentAt + Number(argumentLength);
    const next = textAt + Number(textLength);
    if (bytes[next] !== NEWLINE) break;
    if (id === 'done') return { answers: takeApart(answers), complete: status === '0' };
    answers.push({
      id,
      argument: bytes.toString('utf8', argumentAt, textAt),
      status: Number(status),
      text: bytes.toString('utf8', textAt, next),
    });
    at = next + 1;
  }
  return { answers: takeApart(answers), complete: false };
}

/** What the probe hands on together, and what readers ask for one by one. */
function takeApart(answers: readonly ProbeAnswer[]): readonly ProbeAnswer[] {
  return takeTalksApart(answers.flatMap(takePemApart));
}

function firstAnswer(bytes: Buffer, boundary: string): number {
  const start = `${boundary} clock `;
  if (bytes.toString('latin1', 0, start.length) === start) return 0;
  const at = bytes.indexOf(`\n${start}`, 0, 'latin1');
  return at < 0 ? bytes.length : at + 1;
}
