import { styleText } from 'node:util';
import { ascii, isPlain } from './escape.ts';

export type Tone = 'fail' | 'warn' | 'ok' | 'unknown' | 'strong' | 'dim';

const STYLES = {
  fail: ['bold', 'red'],
  warn: ['bold', 'yellow'],
  ok: ['green'],
  unknown: ['cyan'],
  strong: ['bold'],
  dim: ['dim'],
} as const satisfies Record<Tone, readonly ('bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan')[]>;

/** What the terminal can show. */
export interface Canvas {
  /** Columns that prose may fill. */
  readonly width: number;
  readonly color: boolean;
  /** False: nothing but ASCII is written. */
  readonly unicode: boolean;
}

/** Colours text that is already printable. */
export function paint(canvas: Canvas, tone: Tone, text: string): string {
  return canvas.color ? styleText([...STYLES[tone]], text, { validateStream: false }) : text;
}

/** Printable text in the characters that the terminal has. */
export function plain(canvas: Canvas, text: string): string {
  return canvas.unicode ? text : ascii(text);
}

const NO_COLUMN = /\p{Mn}/u;
const TWO_COLUMNS =
  /[\u1100-\u115e\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a printable text takes; East Asian wide characters and emoji take two. */
function columnsOf(text: string): number {
  if (isPlain(text)) return text.length;
  let columns = 0;
  for (const character of text) {
    if (NO_COLUMN.test(character)) continue;
    columns += TWO_COLUMNS.test(character) ? 2 : 1;
  }
  return columns;
}

/** A command that is broken over two lines runs as two commands when it is pasted. */
const HOLDS_COMMAND = /\bkubectl [a-z-]/;

/** Breaks prose at spaces into lines of at most `width` columns; a longer word keeps a line for itself,
 * and text that holds a command stays on one line. */
export function wrap(text: string, width: number): readonly string[] {
  if (HOLDS_COMMAND.test(text)) return [text];
  const lines: string[] = [];
  let line = '';
  let columns = 0;
  for (const word of text.split(' ')) {
    const wordColumns = columnsOf(word);
    if (line !== '' && columns + 1 + wordColumns > width) {
      lines.push(line);
      line = word;
      columns = wordColumns;
    } else {
      columns += wordColumns + (line === '' ? 0 : 1);
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** Prose with `indent` in front of every line. */
export function paragraph(canvas: Canvas, text: string, indent = ''): readonly string[] {
  return wrap(plain(canvas, text), Math.max(20, canvas.width - indent.length)).map((line) => `${indent}${line}`);
}

const LABEL_COLUMNS = 10;

/** Prose beside a label; further lines stand under the first. */
export function labelled(canvas: Canvas, indent: string, label: string, text: string): readonly string[] {
  const hanging = `${indent}${' '.repeat(LABEL_COLUMNS)}`;
  const [first = '', ...rest] = paragraph(canvas, text, hanging);
  return [`${indent}${paint(canvas, 'dim', label.padEnd(LABEL_COLUMNS))}${first.slice(hanging.length)}`, ...rest];
}

/** Where text beside a label begins. */
export function besideLabel(indent: string): string {
  return `${indent}${' '.repeat(LABEL_COLUMNS)}`;
}
