import { CannotRun } from '../doctor/cannot-run.ts';
import type { Snapshot } from '../evidence/snapshot.ts';
import { printable } from '../report/escape.ts';
import { plural, ruleInWords, whyInWords } from '../report/words.ts';
import { chooseChecks } from './choose-checks.ts';
import type { CollectOptions } from './flags.ts';
import type { Host } from './host.ts';
import { fileTrouble, gatherFromCluster, requireOneNamespaceFlag } from './sources.ts';

/** Writes what doctor would judge into a file, and says what is not in it. Judges nothing. */
export async function collect(options: CollectOptions, host: Host): Promise<number> {
  requireOneNamespaceFlag(options);
  const snapshot = await gatherFromCluster(options, { chosen: await chooseChecks(options) }, host);
  const { writeSnapshot } = await import('../sources/snapshot/index.ts');
  const content = writeSnapshot(snapshot);
  const file = options.output ?? defaultName(snapshot, host.now());
  if (file === '-') await host.stdout.write(content);
  else await writeFile(host, file, content, options.output !== undefined);
  if (!options.quiet) await host.stderr.write(contentsOf(snapshot, file));
  return snapshot.source.kind === 'live' && snapshot.source.interrupted ? 130 : 0;
}

async function writeFile(host: Host, file: string, content: Uint8Array, overwrite: boolean): Promise<void> {
  try {
    await host.writeFile(file, content, { overwrite });
  } catch (error) {
    throw new CannotRun(`cannot write ${file}: ${fileTrouble(error)}`, { cause: error });
  }
}

/** `haptic-spire-<context>-<UTC time>.json.gz`, with nothing in it that a file system could take amiss. */
export function defaultName(snapshot: Snapshot, now: number): string {
  const context = snapshot.source.kind === 'live' ? (snapshot.source.context ?? '') : '';
  const name = context.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 60) || 'cluster';
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return `haptic-spire-${name}-${time}.json.gz`;
}

function contentsOf(snapshot: Snapshot, file: string): string {
  const { objects, logs, probes, redactions, notCollected } = snapshot;
  const removed = Object.entries(Object.groupBy(redactions, ({ reason }) => reason)).map(([reason, list]) =>
    plural(list?.length ?? 0, REASONS[reason] ?? reason),
  );
  const lines = [
    `${file === '-' ? 'Wrote' : `Wrote ${file}:`} ${plural(objects.length, 'object')}, ${plural(logs.length, 'log')}, ${plural(probes.length, 'probe')}.`,
    removed.length === 0
      ? 'Nothing had to be taken out.'
      : `Taken out: ${removed.join(', ')}; of what stood in a private key's place only what the checks need is left. Secrets are never in it.`,
    ...notCollected.map(({ target, why, detail, rule }) => {
      const what =
        target.what === 'objects' ? `${target.kind} objects` : `${target.what} of ${target.namespace}/${target.pod}`;
      return `Not collected: ${what}: ${whyInWords(why)}${rule === undefined ? `: ${detail}` : `; ask for ${ruleInWords(rule)}`}`;
    }),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

const REASONS: Readonly<Record<string, string>> = {
  'private-key': 'private key',
  'not-needed': 'unneeded value',
  credential: 'credential',
};
