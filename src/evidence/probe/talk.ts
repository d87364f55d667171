import type { ProbeAnswer } from '../snapshot.ts';
import { TIMED_OUT } from './status.ts';

/** The id under which the probe hands on what was said over one connection to HAProxy. */
const TALK = 'talk';

/** HAProxy's own words for what it cannot or may not do: short, and known without the end of the answer. */
const REFUSAL = /^(?:Can't find the target PID|Unknown command|Permission denied|Can't allocate memory!)/;

const id = 'haproxy';

interface Piece {
  readonly answer: ProbeAnswer;
  /** What follows it came too, so nothing of it is missing. */
  readonly whole: boolean;
}

/**
 * One answer to each question that was put to HAProxy, in the place of what was said over each connection. Of a question
 * that was asked more than once, the last whole answer counts.
 */
export function takeTalksApart(answers: readonly ProbeAnswer[]): ProbeAnswer[] {
  const pieces: Piece[] = [];
  const places = new Map<string, number>();
  for (const answer of answers) {
    if (answer.id !== TALK) {
      pieces.push({ answer, whole: true });
      continue;
    }
    for (const piece of readTalk(answer)) {
      const question = piece.answer.argument;
      const place = places.get(question);
      if (place === undefined) places.set(question, pieces.push(piece) - 1);
      else if (piece.whole || !pieces[place]?.whole) pieces[place] = piece;
    }
  }
  return pieces.map(({ answer }) => answer);
}

/**
 * What was said over one connection: the version, then after each answer the version again. The first question whose
 * answer has no version after it got what is left, the ones after it nothing.
 *
 * @param talk its argument is the questions, a line each; its text what HAProxy sent, socat's complaints included
 */
function readTalk({ argument, status, text }: ProbeAnswer): Piece[] {
  const questions = argument.split('\n');
  const [first = ''] = questions;
  const version = /^\d[^\n]*\n\n/.exec(text)?.[0];
  // Not even that: what came instead may tell why.
  if (version === undefined) return [{ answer: { id, argument: first, status, text: paragraph(text) }, whole: false }];
  const pieces: Piece[] = [];
  if (!first.startsWith('@'))
    pieces.push({ answer: { id, argument: 'show version', status: 0, text: version }, whole: true });
  let at = version.length;
  for (const question of questions) {
    const end = text.indexOf(`\n${version}`, at - 1) + 1;
    if (end === 0) {
      pieces.push({ answer: answerTo(question, status, text.slice(at)), whole: false });
      break;
    }
    pieces.push({ answer: { id, argument: question, status: 0, text: text.slice(at, end) }, whole: true });
    at = end + version.length;
  }
  // More than was asked for: an answer has such lines of its own, and it is not known which.
  const more = pieces.at(-1)?.whole === true && at < text.length;
  return more ? [] : pieces;
}

/** An answer of which the end is missing. */
function answerTo(argument: string, status: number, text: string): ProbeAnswer {
  if (REFUSAL.test(text)) return { id, argument, status: 0, text: paragraph(text) };
  const isPart = status === 0 && text !== '';
  return isPart ? { id, argument, status: TIMED_OUT, text: '' } : { id, argument, status, text };
}

/** Up to its first empty line: whoever refuses one question refuses the next in the same words. */
function paragraph(text: string): string {
  const end = text.indexOf('\n\n');
  return end < 0 ? text : text.slice(0, end + 2);
}
