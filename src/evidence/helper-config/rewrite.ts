import type { HelperConfig } from '../facts/helpers.ts';
import { parseHelperConfig } from './parse.ts';
import type { Release } from './schema.ts';

/** A change of a helper.conf that parses; undefined when the text isn't written in a way that can be changed safely. */
export type Rewritten = string | undefined;

/** Sets a key inside `health_checks`: on its line, else as the first line of the block, else in a block at the end. */
export function setHealthCheck(text: string, key: string, literal: string): Rewritten {
  const lines = text.split('\n');
  const own = lines.findIndex((line) => settingOf(line) === key);
  const block = lines.findIndex((line) => /^\s*health_checks\s*=?\s*\{\s*$/i.test(line));
  if (own >= 0 && block >= 0 && own > block) lines[own] = withValue(lines[own] ?? '', literal);
  else if (block >= 0) lines.splice(block + 1, 0, `  ${key} = ${literal}`);
  else if (!/health_checks/i.test(text)) appendLines(lines, ['health_checks {', `  ${key} = ${literal}`, '}']);
  else return undefined;
  return lines.join('\n');
}

/** Sets a top-level key on its line, else on a new line above the first block. */
export function setTopLevel(text: string, key: string, literal: string): Rewritten {
  const lines = text.split('\n');
  const own = lines.findIndex((line) => settingOf(line) === key);
  if (own >= 0) lines[own] = withValue(lines[own] ?? '', literal);
  else lines.splice(firstBlock(lines), 0, `${key} = ${literal}`);
  return lines.join('\n');
}

/** Leaves out settings that stand on a line of their own. */
export function dropKeys(text: string, keys: readonly string[]): Rewritten {
  const wanted = keys.map((key) => key.toLowerCase());
  const lines = text.split('\n');
  const kept = lines.filter((line) => !wanted.includes(settingOf(line) ?? ''));
  return kept.length === lines.length ? undefined : kept.join('\n');
}

/** Renames a key on the line where it stands. */
export function renameKey(text: string, line: number, from: string, to: string): Rewritten {
  const lines = text.split('\n');
  const old = lines[line - 1] ?? '';
  const fresh = old.replace(from, to);
  if (fresh === old) return undefined;
  lines[line - 1] = fresh;
  return lines.join('\n');
}

/** The text if it parses and the configuration is as wanted. */
export function verified(
  text: Rewritten,
  release: Release | undefined,
  wanted: (config: HelperConfig) => boolean,
): Rewritten {
  if (text === undefined) return undefined;
  const parsed = parseHelperConfig(text, release);
  return parsed.ok && wanted(parsed.config) ? text : undefined;
}

function settingOf(line: string): string | undefined {
  return /^\s*"?([\w.-]+)"?\s*=/.exec(line)?.[1]?.toLowerCase();
}

function withValue(line: string, literal: string): string {
  return line.replace(
    /^(\s*"?[\w.-]+"?\s*=\s*)(?:"(?:[^"\\]|\\.)*"|[^\s#,]+)/,
    (_whole, head: string) => `${head}${literal}`,
  );
}

function firstBlock(lines: readonly string[]): number {
  const block = lines.findIndex((line) => /\{\s*$/.test(line));
  if (block >= 0) return block;
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

function appendLines(lines: string[], added: readonly string[]): void {
  lines.splice(lines.at(-1) === '' ? lines.length - 1 : lines.length, 0, ...added);
}
