/** A line of haproxy.cfg with its 1-based number in the original file. */
export interface ConfigLine {
  readonly line: number;
  readonly text: string;
}

/** The lines of a configuration of which lines may have been emptied, but none removed. */
export function plainLines(text: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ line: index + 1, text: line }]));
}

/** The lines that a pod chose from its file, each as `N:` and the line. Anything else is left out. */
export function numberedLines(text: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([0-9]{1,9}):(.*)$/s.exec(line);
    return match ? [{ line: Number(match[1]), text: match[2] ?? '' }] : [];
  });
}
