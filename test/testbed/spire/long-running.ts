import type { Exit, RunningProgram } from '../seams.ts';

/** A program that does nothing by itself: it runs until it is asked to end, or until `end` is called. */
export interface LongRunning extends RunningProgram {
  readonly end: (exit: Exit) => void;
}

/** `onEnd` is called once, before `ended` resolves. */
export function longRunning(onEnd: () => void = () => {}, probe?: RunningProgram['probe']): LongRunning {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let isOver = false;
  const end = (exit: Exit) => {
    if (isOver) return;
    isOver = true;
    onEnd();
    resolve(exit);
  };
  return {
    ended: promise,
    stop: async () => end({ code: 0 }),
    end,
    ...(probe === undefined ? {} : { probe }),
  };
}
