import type { ProbeAnswer } from '../snapshot.ts';
import { CUT } from './status.ts';

/** The id under which the probe hands on what it let out of a file in PEM. */
const PEM = 'pem';

/** `blocks`, the numbers and labels of BEGIN lines, and `certificates`, in the place of what came of a file at once. */
export function takePemApart(answer: ProbeAnswer): readonly ProbeAnswer[] {
  if (answer.id !== PEM) return [answer];
  const { argument, status, text } = answer;
  const [blocks, certificates] = status === 0 || status === CUT ? parted(text) : [text, text];
  return [
    { id: 'blocks', argument, status, text: blocks },
    { id: 'certificates', argument, status, text: certificates },
  ];
}

function parted(text: string): readonly [string, string] {
  const lines = text.split(/(?<=\n)/);
  const isBegin = (line: string) => /^\d+:/.test(line);
  return [lines.filter(isBegin).join(''), lines.filter((line) => !isBegin(line)).join('')];
}
