import type { Exit, Program } from '../seams.ts';

/** Whatever no other program is: runs for ever, answers nothing, has no shell. Belongs last in the list. */
export const idleProgram: Program = {
  runs: () => true,
  start: async () => {
    let end: (exit: Exit) => void = () => undefined;
    const ended = new Promise<Exit>((resolve) => {
      end = resolve;
    });
    return {
      ended,
      stop: async () => {
        end({ code: 143 });
        await ended;
      },
      probe: async () => 200,
    };
  },
};
