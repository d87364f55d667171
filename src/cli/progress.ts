import { printable } from '../report/escape.ts';
import type { Host } from './host.ts';

/** Tells the person who waits what for. */
export interface Progress {
  say(text: string): void;
  /** Leaves the terminal to another program until the returned function is called. */
  pause(): () => void;
  stop(): void;
}

const NOTHING_MOVES = () => () => {};
const SILENT: Progress = { say: () => {}, pause: NOTHING_MOVES, stop: () => {} };

/** A spinner on a terminal, lines with `-v`, silence otherwise; on stderr, never on stdout. */
export async function startProgress(
  host: Host,
  options: { readonly quiet?: true; readonly v?: number },
): Promise<Progress> {
  if ((options.v ?? 0) >= 1) {
    return {
      say: (text) => void host.stderr.write(`${printable(text)}\n`),
      pause: NOTHING_MOVES,
      stop: () => {},
    };
  }
  if (options.quiet || host.spinnerStream === undefined || !host.stderr.isTTY || host.env.TERM === 'dumb')
    return SILENT;
  // A terminal that does not know its width (0): ora would move up a line without end.
  if (host.spinnerStream.columns === 0) return SILENT;
  const { default: ora } = await import('ora');
  let over = false;
  const spinner = ora({
    stream: host.spinnerStream,
    // A second Ctrl-C ends the program at once: then nobody would bring the cursor back.
    hideCursor: false,
    // Whoever asks for a password on the way, an exec credential plugin for example, needs the keyboard.
    discardStdin: false,
    color: false,
  }).start('Looking for HAPTIC');
  return {
    say: (text) => {
      spinner.text = printable(text);
    },
    pause: () => {
      spinner.stop();
      return () => {
        if (!over) spinner.start();
      };
    },
    stop: () => {
      over = true;
      spinner.stop();
    },
  };
}
