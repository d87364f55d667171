/** What a program says again and again is logged once in this time, milliseconds. */
const REPEAT_AFTER = 5_000;

/**
 * A log for lines that come with every look at the world. `key` is the line without its time; `forget` lets everything
 * be said again at once.
 */
export interface SparingLog {
  readonly say: (key: string, line: string) => void;
  readonly forget: () => void;
}

export function sparingLog(log: (text: string) => void, now: () => number): SparingLog {
  const said = new Map<string, number>();
  return {
    say(key, line) {
      const before = said.get(key);
      if (before !== undefined && now() - before < REPEAT_AFTER) return;
      said.set(key, now());
      log(line);
    },
    forget: () => said.clear(),
  };
}
