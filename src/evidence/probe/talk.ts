import type { ProbeAnswer } from '../snapshot.ts';
import { BROKEN_OFF, CUT } from './status.ts';

/** The id under which the probe hands on what was said over one connection to HAProxy. */
const TALK = 'talk';

/** HAProxy's own words for what it cannot or may not do: short, and known without the end of the answer. */
const REFUSAL = /^(?:Can't find the target PID|Unknown command|Permission denied|Can't allocate memory!)/;

/** The answer shows names out of certificates, which may hold line breaks and whatever somebody wants to be read. */
const SHOWS_CERTIFICATES = /^(?:@\S+ )?show ssl (?:cert|ca-file) \S/;

const SOCAT_FAILED = 1;
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
function readTalk({ argument, status, text }: ProbeAnswer): readonly Piece[] {
  const questions = argument.split('\n');
  const [first = ''] = questions;
  const version = /^\d[^\n]*\n\n/.exec(text)?.[0];
  if (version === undefined)
    // Not even that: what came instead may tell why.
    return [{ answer: { id, argument: first, status, text: paragraph(text) }, whole: false }];
  const said = { status, text, version };
  const pieces = questions.length === 1 ? readAlone(first, said) : readTogether(questions, said);
  return first.startsWith('@') ? pieces : [wholeAnswer('show version', version), ...pieces];
}

interface Said extends Pick<ProbeAnswer, 'status' | 'text'> {
  /** With the empty line after it. */
  readonly version: string;
}

/** All between the first and the last version, whatever it is. */
function readAlone(question: string, { status, text, version }: Said): readonly Piece[] {
  const end = text.length - version.length;
  const isWhole = status === 0 && end >= version.length && text.endsWith(`\n${version}`);
  return isWhole
    ? [wholeAnswer(question, text.slice(version.length, end))]
    : [{ answer: partOf(question, status, text.slice(version.length)), whole: false }];
}

function readTogether(questions: readonly string[], { status, text, version }: Said): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = version.length;
  for (const question of questions) {
    const end = text.indexOf(`\n${version}`, at - 1) + 1;
    if (end === 0) {
      pieces.push({ answer: partOf(question, status, text.slice(at)), whole: false });
      break;
    }
    pieces.push(wholeAnswer(question, text.slice(at, end)));
    at = end + version.length;
  }
  const isComplete = status === 0 && pieces.length === questions.length && pieces.at(-1)?.whole === true;
  // One version too many, and nobody knows in whose answer; before the first worker's it cannot be.
  if (isComplete && at < text.length)
    return pieces.slice(
      0,
      Math.max(
        0,
        questions.findIndex((question) => question.startsWith('@')),
      ),
    );
  const isSure = ({ answer, whole }: Piece) => !whole || !SHOWS_CERTIFICATES.test(answer.argument);
  return isComplete ? pieces : pieces.filter(isSure);
}

function wholeAnswer(argument: string, text: string): Piece {
  return { answer: { id, argument, status: 0, text }, whole: true };
}

/** An answer of which the end is missing. */
function partOf(argument: string, status: number, text: string): ProbeAnswer {
  if (REFUSAL.test(text)) return { id, argument, status: 0, text: paragraph(text) };
  if (text === '' || status === CUT) return { id, argument, status, text };
  // Socat complains at the end.
  if (status === SOCAT_FAILED) return { id, argument, status, text: text.slice(text.trimEnd().lastIndexOf('\n') + 1) };
  return { id, argument, status: BROKEN_OFF, text: '' };
}

/** Up to its first empty line: whoever refuses one question refuses the next in the same words. */
function paragraph(text: string): string {
  const end = text.indexOf('\n\n');
  return end < 0 ? text : text.slice(0, end + 2);
}
