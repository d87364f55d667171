import type { Command } from 'commander';
import { printable } from '../../report/escape.ts';
import type { Host } from '../host.ts';
import { type Offer, offerAt } from './candidates.ts';
import { readLine } from './place.ts';

/** The longest that anybody waits for candidates. */
const PATIENCE_MS = 2000;

/** As Cobra's completion scripts and kubectl understand them. */
const NO_SPACE = 2;
const NO_FILES = 4;

/**
 * Answers a shell: one candidate a line, a tab and its description behind it, and `:<directive>` on the last one. For
 * `--flag=value` the candidates are values only. Trouble of any kind is an empty answer.
 */
export async function complete(program: Command, words: readonly string[], host: Host): Promise<number> {
  const line = readLine(program, words);
  const offer = await within(host, offerAt(line, host));
  const typed = line.place.at === 'nowhere' ? '' : line.place.typed;
  const candidates = offer.offer === 'files' ? [] : offer.candidates.filter(({ text }) => fits(text, typed));
  const lines = candidates.map(({ text, description }) =>
    description === undefined ? text : `${text}\t${printable(description)}`,
  );
  const directive = offer.offer === 'files' ? 0 : NO_FILES + (offer.goesOn ? NO_SPACE : 0);
  await host.stdout.write([...lines, `:${directive}`, ''].join('\n'));
  return 0;
}

/** One-letter flags are only offered to whoever asks for them; what cannot be shown cannot be typed either. */
function fits(text: string, typed: string): boolean {
  const short = /^-[^-]$/.test(text);
  return text.startsWith(typed) && printable(text) === text && (!short || text === typed);
}

async function within(host: Host, work: Promise<Offer>): Promise<Offer> {
  const nothing: Offer = { offer: 'words', candidates: [] };
  const { promise: tooLong, resolve } = Promise.withResolvers<Offer>();
  const cancel = host.after(PATIENCE_MS, () => resolve(nothing));
  try {
    return await Promise.race([work.catch(() => nothing), tooLong]);
  } finally {
    cancel();
  }
}
