import type { LogLine } from '../facts/helper-log.ts';
import type { ReloaderPush } from '../facts/reloader.ts';

/** The newest push in a reloader's log, and the newest line that says an update was given up. */
export interface Pushes {
  readonly lastPush?: ReloaderPush;
  readonly lastSkip?: LogLine;
}

/** Words of HAProxy, socat or the script that say that a step failed. */
const TROUBLE =
  /Can't (?:commit|update|load|replace|find|display)|^Failed!|inconsistencies between|unable to |must contain at least|No ongoing transaction|ongoing transaction is about|Invalid payload|expects a filename|Unknown command|command line is too big|too big for the buffer|Permission denied|Connection refused|No such file or directory|update failed/i;
/** Tools by which a script watches files: what they miss has not been written yet, and HAProxy was not asked. */
const LOOKING = /^(?:sha\d*sum|md5sum|cksum|stat|ls|find|cmp|diff)\b.*No such file or directory/;
const BEGINS = /^(?:Transaction|transaction) (?:created|updated) for (certificate|CA) (.+)!$/;
const COMMITS = /^Committing (.+?)(\.*)$/;
const ENDS = /certificates updated|update failed/;
const SKIPS = /not loaded in HAProxy/;

type Kind = 'certificate' | 'ca';
const MOST_ERRORS = 5;

/**
 * Reads the answers of HAProxy that a reloader copies to its log. What the script itself says about success is not
 * believed: only `Success!` after a commit is, and a commit that rebuilt nothing (no dots) had no effect.
 */
export function readPushes(lines: readonly LogLine[], ca: string | undefined): Pushes {
  let push = new PushReader(ca);
  let lastPush: ReloaderPush | undefined;
  let lastSkip: LogLine | undefined;
  for (const line of lines) {
    if (SKIPS.test(line.text)) lastSkip = line;
    push.take(line);
    if (!ENDS.test(line.text)) continue;
    lastPush = push.result(line.at);
    push = new PushReader(ca);
  }
  if (push.began) lastPush = push.result(push.at);
  return { ...(lastPush ? { lastPush } : {}), ...(lastSkip ? { lastSkip } : {}) };
}

class PushReader {
  began = false;
  at = 0;
  readonly #ca: string | undefined;
  readonly #files = new Map<string, Kind>();
  readonly #states: { certificate: ReloaderPush['certificate']; ca: ReloaderPush['ca'] } = {
    certificate: 'not-tried',
    ca: 'not-tried',
  };
  readonly #errors: string[] = [];
  #kind: Kind = 'certificate';
  #dots = 0;

  constructor(ca: string | undefined) {
    this.#ca = ca;
  }

  take({ at, text }: LogLine): void {
    const begins = BEGINS.exec(text);
    const commits = begins ? null : COMMITS.exec(text);
    const troubled = !begins && !commits && TROUBLE.test(text) && !LOOKING.test(text);
    if (!begins && !commits && !troubled && text !== 'Success!') return;
    this.began = true;
    this.at = at;
    if (begins) {
      this.#kind = begins[1] === 'CA' ? 'ca' : 'certificate';
      this.#files.set(begins[2] ?? '', this.#kind);
      this.#states[this.#kind] = 'failed';
    } else if (commits) {
      this.#kind = this.#kindOf(commits[1] ?? '');
      this.#dots = (commits[2] ?? '').length;
      this.#states[this.#kind] = 'failed';
    } else if (text === 'Success!') {
      this.#states[this.#kind] = this.#dots > 0 ? 'committed' : 'no-effect';
    } else this.#fail(text);
  }

  result(at: number): ReloaderPush {
    return { at, ...this.#states, errors: this.#errors };
  }

  #fail(text: string): void {
    const file = [...this.#files.keys(), ...(this.#ca === undefined ? [] : [this.#ca])].find((name) =>
      text.includes(name),
    );
    if (file !== undefined) this.#kind = this.#kindOf(file);
    else if (/CA file|ca-file/.test(text)) this.#kind = 'ca';
    // What was committed stays committed: a line that names no file may belong to the next step.
    if (this.#states[this.#kind] === 'not-tried') this.#states[this.#kind] = 'failed';
    if (this.#errors.length < MOST_ERRORS && !this.#errors.includes(text)) this.#errors.push(text.slice(0, 300));
  }

  #kindOf(file: string): Kind {
    return (
      this.#files.get(file) ??
      (file === this.#ca || /bundle|(?:^|[/._-])ca(?:[/._-]|$)/i.test(file) ? 'ca' : 'certificate')
    );
  }
}
