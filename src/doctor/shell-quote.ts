/** Characters that no POSIX shell treats specially anywhere in a word. */
const BARE = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * A word as a POSIX shell reads it back, safe to paste: bare when nothing in it is special, else in single quotes.
 * Undefined for a word that cannot be pasted safely: one with control characters, with marks that make it look
 * different from what it is, or with half a surrogate pair. Such a command has to be given as a manual step.
 */
export function quoteWord(word: string): string | undefined {
  if (!isPasteable(word)) return undefined;
  if (BARE.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words as one command line; undefined when one of them cannot be pasted safely. */
export function quoteWords(words: readonly string[]): string | undefined {
  const quoted: string[] = [];
  for (const word of words) {
    const safe = quoteWord(word);
    if (safe === undefined) return undefined;
    quoted.push(safe);
  }
  return quoted.join(' ');
}

/** True when the text survives a terminal, a clipboard and a person's eyes unchanged. */
export function isPasteable(word: string): boolean {
  return word.isWellFormed() && !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(word);
}
