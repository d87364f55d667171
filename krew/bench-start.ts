// Measures whole processes side by side: node krew/bench-start.ts [RUNS]. Medians, since one slow run says nothing.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { root } from './bundle.ts';

const runs = Number(process.argv[2] ?? 21);
const program = join(
  root,
  'krew/dist',
  `linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
  'kubectl-haptic_spire',
);
if (!existsSync(program)) throw new Error(`there is no ${program}: npm run build first`);
const kubectl = process.env.KUBECTL ?? 'kubectl';
const linkerd = process.env.LINKERD ?? 'linkerd';
const manifests = process.env.MANIFESTS ?? join(root, 'test/scenario/base');

interface Contest {
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  /** Most times as long as `kubectl version --client`. */
  readonly goal?: number;
}

const contests: readonly Contest[] = [
  { name: 'kubectl version --client', command: kubectl, words: ['version', '--client'] },
  { name: 'node -e 0', command: process.execPath, words: ['-e', '0'] },
  { name: 'linkerd version --client', command: linkerd, words: ['version', '--client'] },
  { name: 'version', command: program, words: ['version'], goal: 1.2 },
  { name: '--help', command: program, words: ['--help'], goal: 1.2 },
  { name: 'completion bash', command: program, words: ['completion', 'bash'], goal: 1.2 },
  { name: 'doctor --demo', command: program, words: ['doctor', '--demo'], goal: 2 },
  { name: 'doctor -f MANIFESTS', command: program, words: ['doctor', '-f', manifests] },
];
const present = contests.filter(
  ({ command, words }) => spawnSync(command, words, { stdio: 'ignore' }).error === undefined,
);
const times = new Map<string, number[]>(present.map(({ name }) => [name, []]));
// In turns, so that what else the machine does slows all of them alike.
for (let round = 0; round < runs; round += 1) {
  for (const contest of present) times.get(contest.name)?.push(await milliseconds(contest));
}

const base = median(times.get('kubectl version --client') ?? []);
const lines = present.map(({ name, goal }) => {
  const time = median(times.get(name) ?? []);
  const ratio = (time / base).toFixed(2);
  const verdict = goal === undefined ? '' : `≤ ${goal}${time / base <= goal ? '' : ' (missed)'}`;
  return `| \`${name}\` | ${time.toFixed(0)} | ${ratio} | ${verdict} |`;
});
const left = contests.filter((contest) => !present.includes(contest)).map(({ name }) => name);
process.stdout.write(
  [
    `Medians of ${runs} runs in turns, whole processes, ${cpus().length} processors.`,
    '',
    '| command | ms | × `kubectl version --client` | goal |',
    '|---|---|---|---|',
    ...lines,
    ...(left.length === 0 ? [] : ['', `Not here: ${left.join(', ')}.`]),
    '',
  ].join('\n'),
);

async function milliseconds({ command, words }: Contest): Promise<number> {
  const start = performance.now();
  await new Promise((resolve, reject) =>
    spawn(command, words, { stdio: 'ignore' }).on('error', reject).on('close', resolve),
  );
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
