import type { Check } from '../../src/doctor/check.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { assembleSnapshot } from '../scenario/assemble.ts';
import { buildScenario } from '../scenario/build.ts';
import type { CaseFile } from '../scenario/case-file.ts';

/** Names of the healthy base that mean nothing: everything that a chart's user may call as they like. */
const NAMES = [
  'haptic',
  'haptic-haproxy',
  'haptic-haproxy-0',
  'haptic-haproxy-1',
  'haptic-haproxy-7c9d4f',
  'haptic-controller',
  'haptic-controller-0',
  'haptic-spiffe-helper-config',
  'haptic-spiffe-validation-certs',
  'node-a',
  'node-b',
  'spire-server',
  'spire-agent',
  'spire-agent-a',
  'spire-agent-b',
  'spire-spiffe-csi-driver',
  'spire-server-spire-default',
  'shop',
  'api',
  'api-0',
  'haproxy',
  'dataplane',
  'spiffe-helper',
  'cert-reloader',
  'create-spiffe-dir',
  'haproxy-runtime',
  'spiffe-workload-api',
  'spiffe-helper-config',
];
/** Fields whose texts anybody in the cluster can choose. */
const MESSAGES = new Set(['message', 'reason', 'detail', 'text', 'image', 'imageID']);
/** Where a name is a word of a language rather than a name. */
const WORDS = new Set([
  'kind',
  'apiVersion',
  'type',
  'what',
  'why',
  'id',
  'verb',
  'resource',
  'command',
  'args',
  'key',
]);

/** The snapshot of a case in which every name and message carries this text. */
export async function poisonedCase(file: CaseFile, poison: string): Promise<Snapshot> {
  const scenario = await buildScenario(file.source, file.change);
  const names = new Set(NAMES);
  const poisoned = walk(scenario, '', (text, key) => {
    if (WORDS.has(key)) return text;
    if (names.has(text)) return `${text}${poison}`;
    if (key === 'log') return text.replaceAll(/"?\n/g, (end) => `${poison.replaceAll('\n', ' ')}${end}`);
    return MESSAGES.has(key) && text !== '' && !/^[A-Z][A-Za-z]+$/.test(text) ? `${text}${poison}` : text;
  });
  const snapshot = await assembleSnapshot(
    { ...poisoned, logs: poisoned.logs.map((log) => ({ ...log, text: withPoison(log.text, poison) })) },
    file,
  );
  return snapshot.source.kind === 'live'
    ? { ...snapshot, source: { ...snapshot.source, context: `prod${poison}` } }
    : snapshot;
}

function withPoison(log: string, poison: string): string {
  const line = poison.replaceAll(/[\r\n]/g, ' ');
  return log.replaceAll(/(?:")?\n/g, (end) => `${line}${end}`);
}

function walk<T>(value: T, key: string, change: (text: string, key: string) => string): T {
  return copy(value, key) as T;

  function copy(part: unknown, at: string): unknown {
    if (typeof part === 'string') return change(part, at);
    if (Array.isArray(part)) return part.map((item: unknown) => copy(item, at));
    if (typeof part !== 'object' || part === null) return part;
    // The answers of the probe are bytes of programs, not names.
    if (at === 'answers') return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, copy(member, name)]));
  }
}

/** The checks, telling of every kubectl call that they propose, as words after `kubectl`. */
export function recording(
  checks: readonly Check[],
  proposed: (words: readonly string[]) => void,
  context: string | undefined,
): readonly Check[] {
  return checks.map((check) => ({
    ...check,
    examinations: check.examinations.map((examination) => ({
      ...examination,
      judge: (evidence: never, at) => {
        const judgement = examination.judge(evidence, at);
        for (const { fix, culprit } of 'findings' in judgement ? judgement.findings : judgement) {
          for (const { namespace = culprit.namespace, args } of fix?.commands ?? []) {
            proposed([
              ...(context === undefined ? [] : ['--context', context]),
              ...(namespace === undefined ? [] : ['-n', namespace]),
              ...args,
            ]);
          }
        }
        return judgement;
      },
    })),
  }));
}
