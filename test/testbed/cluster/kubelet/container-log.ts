import type { LogLine } from '../../seams.ts';

/** What one run of a container has said. */
export interface ContainerLog {
  readonly lines: readonly LogLine[];
  readonly append: (text: string) => void;
  readonly follow: (listener: (line: LogLine) => void) => () => void;
  /** Moves every line this many milliseconds into the past. */
  readonly age: (milliseconds: number) => void;
}

export function containerLog(now: () => number): ContainerLog {
  const lines: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  return {
    lines,
    append: (text) => {
      for (const part of text.replace(/\n$/, '').split('\n')) {
        const line = { at: now(), text: part };
        lines.push(line);
        for (const listener of listeners) listener(line);
      }
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    age: (milliseconds) => {
      for (const [index, { at, text }] of lines.entries()) lines[index] = { at: at - milliseconds, text };
    },
  };
}
