import type { AnsweringWorker } from '../facts/haproxy-memory.ts';
import { absent, known, type Origin, type Reading, type Unknown, unknown } from '../reading.ts';
import type { CollectedProbe, ProbeAnswer } from '../snapshot.ts';
import { type CliAnswer, firstLine, readCliAnswer } from './answer.ts';
import { parseInfo } from './info.ts';

interface Exchange {
  /** '' for the master, or a worker on its own socket; `@1`; `@!PID`. */
  readonly target: string;
  /** Without the target, names unescaped. */
  readonly command: string;
  readonly answer: CliAnswer;
}

/** Everything that one probe asked HAProxy, and why there is no answer to the rest. */
export class Conversation {
  readonly #probe: CollectedProbe;
  readonly #origin: Origin;
  readonly #exchanges: readonly Exchange[];
  /** Target of the worker that answered; undefined when none did. */
  readonly #target: string | undefined;

  constructor(probe: CollectedProbe, origin: Origin) {
    this.#probe = probe;
    this.#origin = origin;
    this.#exchanges = probe.answers.filter((answer) => answer.id === 'haproxy').map(exchangeOf);
    this.#target = this.#findTarget();
  }

  /** What the master says to `command`. */
  master<T>(command: string, parse: (text: string) => T | undefined): Reading<T> {
    return this.#read('', command, parse);
  }

  /** What the worker says to `command`. */
  worker<T>(command: string, parse: (text: string) => T | undefined): Reading<T> {
    if (this.#target === undefined) return this.#silence();
    return this.#read(this.#target, command, parse);
  }

  /** The worker that answered. */
  answering(): Reading<AnsweringWorker> {
    const info = this.worker('show info', parseInfo);
    if (info.state !== 'known') return info;
    const silent = this.#exchanges
      .filter(({ command, target, answer }) => command === 'show info' && target !== '' && answer.kind === 'no-answer')
      .map(({ target }) => (target === '@1' ? 0 : Number(target.slice('@!'.length))));
    const via = this.#target === '@1' ? '@1' : this.#target === '' ? 'own-socket' : 'pid';
    return known({ via, pid: info.value.pid, stopping: info.value.stopping, silent }, info.from);
  }

  /** Names for which `command` was asked, without those of transactions, the expected one first. */
  names(command: string): readonly string[] {
    return this.#exchanges
      .filter((exchange) => exchange.target === this.#target && exchange.command.startsWith(`${command} `))
      .map((exchange) => exchange.command.slice(command.length + 1))
      .filter((name) => !name.startsWith('*'));
  }

  /** An answer of the probe itself; a missing one was not given any more. */
  given(answer: ProbeAnswer | undefined): Reading<ProbeAnswer> {
    return answer ? known(answer, this.#origin) : this.#notAsked('the question');
  }

  #findTarget(): string | undefined {
    const infos = this.#exchanges.filter(({ command }) => command === 'show info');
    const reached = infos.find(
      ({ answer }) => answer.kind === 'text' || answer.kind === 'refused' || answer.kind === 'cut',
    );
    if (reached) return reached.target;
    return infos.some(({ answer }) => answer.kind === 'unknown-command') ? '' : undefined;
  }

  #read<T>(target: string, command: string, parse: (text: string) => T | undefined): Reading<T> {
    const exchange = this.#exchanges.find((each) => each.target === target && each.command === command);
    if (!exchange) return this.#unanswered(target) ?? this.#notAsked(`\`${command.trim()}\``);
    const from: Origin = { ...this.#origin, field: target === '' ? command : `${target} ${command}` };
    const { answer } = exchange;
    if (answer.kind === 'not-loaded')
      return absent('file', `${command.split(' ').slice(3).join(' ')} in HAProxy's memory`, from);
    if (answer.kind !== 'text') return trouble(answer, command);
    const value = parse(answer.text);
    return value === undefined
      ? unknown('unreadable', `HAProxy's answer to \`${command}\` was not understood: ${firstLine(answer.text)}`)
      : known(value, from);
  }

  /** A silence explains why nothing else was asked of the same process. */
  #unanswered(target: string): Unknown | undefined {
    const silent = this.#exchanges.findLast((each) => each.target === target && isTrouble(each.answer));
    return silent && trouble(silent.answer, silent.command);
  }

  #silence(): Unknown {
    const failed = this.#exchanges.findLast(({ answer }) => isTrouble(answer) || answer.kind === 'no-target');
    if (!failed) return this.#notAsked('the worker');
    if (failed.target === '') return trouble(failed.answer, failed.command);
    return unknown(
      'no-answer',
      "HAProxy's master answers, but none of its workers does: stopped, hung, or in the middle of a reload",
    );
  }

  #notAsked(what: string): Unknown {
    return this.#probe.complete
      ? unknown('no-evidence', `the probe did not ask for ${what}`)
      : unknown('truncated', `the probe in the pod was cut off before it came to ${what}`);
  }
}

function isTrouble(answer: CliAnswer): boolean {
  return answer.kind === 'no-answer' || answer.kind === 'no-tool' || answer.kind === 'not-sent';
}

function trouble(answer: CliAnswer, command: string): Unknown {
  const asked = `\`${command}\``;
  switch (answer.kind) {
    case 'no-answer':
      return unknown('no-answer', `HAProxy did not answer ${asked}: ${answer.because}`);
    case 'no-target':
      return unknown('no-answer', `HAProxy's master has no worker to answer ${asked}`);
    case 'no-tool':
      return unknown('no-shell', 'container haproxy has no socat to ask HAProxy with');
    case 'refused':
      return unknown(
        'no-answer',
        `HAProxy refuses ${asked} at the level of this socket (it takes \`level operator\`): ${answer.because}`,
      );
    case 'unknown-command':
      return unknown('no-answer', `what listens on the socket does not know ${asked}`);
    case 'cut':
      return unknown('truncated', `HAProxy's answer to ${asked} is longer than the probe hands on`);
    case 'not-sent':
      return unknown('unreadable', `the name in ${asked} has characters that cannot be sent to HAProxy`);
    case 'not-loaded':
    case 'text':
      return unknown('no-evidence', `${asked} was answered otherwise than expected`);
  }
}

function exchangeOf(answer: ProbeAnswer): Exchange {
  const [, target = '', rest = ''] = /^(?:(@1|@!\d{1,10}) )?([\s\S]*)$/.exec(answer.argument) ?? [];
  return { target, command: rest.replaceAll('\\ ', ' '), answer: readCliAnswer(answer.text, answer.status) };
}
