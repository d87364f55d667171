// Measures whole processes side by side: node krew/bench-start.ts [RUNS] [--write]. Medians, since one slow run says
// nothing. --write puts the table into README.md.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startBenchServer } from './bench-server.ts';
import { type Measured, tableOf, withTable } from './bench-table.ts';
import { root } from './bundle.ts';

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true });
const runs = Number(positionals[0] ?? 21);
const platform = `linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
const program = join(root, 'krew/dist', platform, 'kubectl-haptic_spire');
if (!existsSync(program)) throw new Error(`there is no ${program}: npm run build first`);
const { KUBECTL: kubectl = 'kubectl', LINKERD: linkerd = 'linkerd', MANIFESTS } = process.env;
const charts = join(root, '../shared/fixtures/manifests');
const manifests = MANIFESTS ?? (existsSync(charts) ? charts : join(root, 'test/scenario/base'));

/** What others did on this machine before: above the number of processors, all times are too long. */
const [load = 0] = loadavg();

const work = mkdtempSync(join(tmpdir(), 'haptic-spire-bench-'));
const kubeconfig = join(work, 'config');
const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: work };
const server = await startBenchServer();
writeFileSync(kubeconfig, server.kubeconfig, { mode: 0o600 });

interface Contest {
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  /** What ends the time that is taken. */
  readonly until: 'exit' | 'first request';
  /** Most times as long as `kubectl version --client`. */
  readonly goal?: number;
  /** Where it comes from, for whoever does not have it. */
  readonly source?: string;
}

const BASE = 'kubectl version --client';
const contests: readonly Contest[] = [
  { name: BASE, command: kubectl, words: ['version', '--client'], until: 'exit' },
  { name: 'kubectl get --raw /version', command: kubectl, words: ['get', '--raw', '/version'], until: 'exit' },
  { name: 'node -e 0', command: process.execPath, words: ['-e', '0'], until: 'exit' },
  {
    name: 'linkerd version --client',
    command: linkerd,
    words: ['version', '--client'],
    until: 'exit',
    source:
      'the Go module proxy serves linkerd2 of 2020, but not linkerd/stern, which that needs; $LINKERD names another',
  },
  { name: 'version', command: program, words: ['version'], until: 'exit', goal: 1.2 },
  { name: '--help', command: program, words: ['--help'], until: 'exit', goal: 1.2 },
  { name: 'completion bash', command: program, words: ['completion', 'bash'], until: 'exit', goal: 1.2 },
  {
    name: '__complete doctor --check svid-',
    command: program,
    words: ['__complete', 'doctor', '--check', 'svid-'],
    until: 'exit',
    goal: 1.2,
  },
  { name: 'doctor --demo', command: program, words: ['doctor', '--demo'], until: 'exit', goal: 2 },
  { name: 'doctor -f MANIFESTS', command: program, words: ['doctor', '-f', manifests], until: 'exit' },
  { name: 'doctor, until its first request', command: program, words: ['doctor'], until: 'first request', goal: 2 },
];

try {
  const present = contests.filter(
    ({ command, words }) => spawnSync(command, words, { stdio: 'ignore', env }).error === undefined,
  );
  const times = new Map<string, number[]>(present.map(({ name }) => [name, []]));
  // In turns, so that what else the machine does slows all of them alike.
  for (let round = 0; round < runs; round += 1) {
    for (const contest of present) times.get(contest.name)?.push(await milliseconds(contest));
  }
  const measured: readonly Measured[] = present.map(({ name, goal }) => ({ name, goal, times: times.get(name) ?? [] }));
  const missing = contests.filter((contest) => !present.includes(contest));
  const table = tableOf(measured, BASE, [
    `Medians of ${runs} runs in turns, whole processes on ${platform}, ${cpus().length} processors with a load average of ${load.toFixed(1)} before; node itself is ${process.versions.node}.`,
    ...missing.map(({ name, source }) => `Not here: \`${name}\`${source === undefined ? '' : ` (${source})`}.`),
  ]);
  process.stdout.write(`${table}\n`);
  if (values.write === true) {
    const readme = join(root, 'README.md');
    writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), table));
  }
} finally {
  await server.close();
  rmSync(work, { recursive: true, force: true });
}

async function milliseconds({ command, words, until }: Contest): Promise<number> {
  const request = until === 'first request' ? server.nextRequest() : undefined;
  const start = performance.now();
  const child = spawn(command, words, { stdio: 'ignore', env });
  const ended = endOf(child);
  if (request === undefined) {
    await ended;
    return performance.now() - start;
  }
  const first = await Promise.race([request, ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`${words.join(' ')} ended without a request`);
  child.kill('SIGKILL');
  await ended;
  return first - start;
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve());
  });
}
