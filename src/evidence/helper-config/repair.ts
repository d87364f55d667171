import type { ParsedHelperConfig } from '../facts/helpers.ts';
import { parseHelperConfig } from './parse.ts';
import { REPAIRS } from './repair-lines.ts';
import type { Release } from './schema.ts';

/** A text with more mistakes than this is left to its author. */
const MOST_REPAIRS = 60;
const LONGEST_TEXT = 64 * 1024;

/** The text as its author meant it, which the release parses; undefined when that is not plain. */
export function repairSyntax(text: string, release: Release | undefined): string | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  let lines: readonly string[] = text.replaceAll('\r\n', '\n').split('\n');
  const tried = new Set<string>();
  for (let left = MOST_REPAIRS; left > 0; left -= 1) {
    const parsed = parseHelperConfig(lines.join('\n'), release);
    if (parsed.ok) return lines.join('\n');
    const next = step(lines, parsed, release, tried);
    if (!next) return undefined;
    lines = next;
  }
  return undefined;
}

type Failure = ParsedHelperConfig & { readonly ok: false };

/** The first repair near the error after which the parser gets further, or at least says something else. */
function step(
  lines: readonly string[],
  failure: Failure,
  release: Release | undefined,
  tried: Set<string>,
): readonly string[] | undefined {
  if (/closing RBRACE got: EOF/.test(failure.message)) return [...trimmedEnd(lines), '}', ''];
  for (const at of [failure.line - 1, failure.line - 2]) {
    for (const repair of REPAIRS) {
      const next = repair(lines, at);
      if (!next || tried.has(next.join('\n'))) continue;
      tried.add(next.join('\n'));
      const parsed = parseHelperConfig(next.join('\n'), release);
      if (parsed.ok || parsed.line > failure.line || parsed.message !== failure.message) return next;
    }
  }
  return undefined;
}

function trimmedEnd(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end -= 1;
  return lines.slice(0, end);
}
