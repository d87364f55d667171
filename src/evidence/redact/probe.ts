import type { ProbeAnswer } from '../snapshot.ts';
import { reduceConfigLines } from './haproxy-config.ts';
import { maskSecrets } from './key-material.ts';

const MAX_ANSWER = 4 * 1024 * 1024;
const MAX_ERROR = 500;

/** The only questions that are put to HAProxy; the answer to any other is not needed. */
const RUNTIME_COMMAND =
  /^(?:@!?\d{1,10} )?(?:show (?:version|proc|info|stat|startup-logs)|show ssl (?:cert|ca-file))(?: [^;\n]*)?$/;

/**
 * What the probe brought, once more: the script in the pod lets no key out, and if an altered shell or a strange file
 * made it do so, the key ends here. An answer to a question that is not known is dropped.
 */
export function redactProbe(answers: readonly ProbeAnswer[]): readonly ProbeAnswer[] {
  return answers.flatMap((answer) => {
    const reduce = Object.hasOwn(REDUCERS, answer.id) ? REDUCERS[answer.id] : undefined;
    if (!reduce) return [];
    const text = reduce(answer.text.slice(0, MAX_ANSWER), answer);
    const argument = maskSecrets(answer.argument.slice(0, 4096)).text;
    return text === undefined ? [] : [{ id: answer.id, argument, status: answer.status, text }];
  });
}

type Reduce = (text: string, answer: ProbeAnswer) => string | undefined;

const masked: Reduce = (text) => maskSecrets(text).text;
const short: Reduce = (text) => maskSecrets(text.slice(0, MAX_ERROR)).text;

const REDUCERS: Readonly<Record<string, Reduce>> = {
  clock: short,
  whoami: (text) => maskSecrets(text.slice(0, 8192)).text,
  stat: short,
  readable: short,
  blocks: (text, { status }) => (status === 0 ? onlyLabels(text) : short(text, noAnswer)),
  certificates: (text, { status }) => onlyBlocks(text, 'CERTIFICATE') ?? (status === 0 ? '' : short(text, noAnswer)),
  'public-key': (text) => onlyBlocks(text, 'PUBLIC KEY') ?? short(text, noAnswer),
  haproxy: (text, { argument }) => (RUNTIME_COMMAND.test(argument) ? masked(text, noAnswer) : undefined),
  config: (text, { status }) => (status === 0 ? reduceNumbered(text) : short(text, noAnswer)),
};

const noAnswer: ProbeAnswer = { id: '', argument: '', status: 0, text: '' };

function onlyLabels(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^(?:\d{1,9}:)?-----BEGIN [A-Z0-9 ]{1,40}-----\r?$/.test(line))
    .join('\n');
}

/** Whole blocks of one label; undefined when there is none. */
function onlyBlocks(text: string, label: string): string | undefined {
  const block = new RegExp(`-----BEGIN ${label}-----\\r?\\n[A-Za-z0-9+/=\\r\\n]*-----END ${label}-----`, 'g');
  const blocks = text.match(block);
  return blocks ? `${blocks.join('\n')}\n` : undefined;
}

/** Lines come with their numbers, since the probe leaves most of them in the pod. */
function reduceNumbered(text: string): string {
  const lines = text.split('\n').map((line) => /^(\d{1,9}:)?(.*)$/s.exec(line) ?? []);
  const reduced = reduceConfigLines(lines.map(([, , line = '']) => line));
  return lines.map(([, number = ''], index) => number + (reduced[index] ?? '')).join('\n');
}
