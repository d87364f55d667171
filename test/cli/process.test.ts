import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { HAS_MANIFESTS, MANIFESTS, PROGRAM, ROOT, start } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'haptic-spire-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Without the Node that this project installs: the launcher has to find it itself. */
const MACHINE_PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((entry) => !entry.includes('node_modules'))
  .join(delimiter);

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {}\n';
const HAPTIC = join(MANIFESTS, 'haptic-guide.yaml');
const SPIRE = join(MANIFESTS, 'spire-chart.yaml');

describe('input that cannot be read', () => {
  it.each([
    ['a missing file', ['-f', join(folder, 'none.yaml')], /none\.yaml/],
    ['a folder without YAML', ['-f', join(ROOT, 'bin')], /no \*\.yaml/],
    [
      'broken YAML, with its line',
      ['-f', file('broken.yaml', 'kind: ConfigMap\nmetadata:\n  name: [a\n')],
      /broken\.yaml.*[:\s]\d/,
    ],
    ['a binary', ['-f', file('binary.yaml', new Uint8Array([0, 1, 2, 255, 254, 0, 9]))], /binary\.yaml/],
    ['an empty file', ['-f', file('empty.yaml', '')], /empty\.yaml/],
    ['empty standard input', ['-f', '-'], /standard input|^error: -/],
    ['a missing snapshot', ['--snapshot', join(folder, 'none.json.gz')], /there is no such file/],
    ['an empty snapshot', ['--snapshot', file('empty.json', '')], /is empty/],
    [
      'a snapshot of another version',
      ['--snapshot', file('v9.json', '{"apiVersion":"haptic-spire.dev/v9","kind":"Snapshot"}')],
      /another version/,
    ],
    [
      'a truncated snapshot',
      ['--snapshot', file('cut.json.gz', gzipSync('{"a":'.repeat(500)).subarray(0, 30))],
      /cut\.json\.gz/,
    ],
    ['manifests as a snapshot', ['--snapshot', file('manifest.yaml', CONFIG_MAP)], /manifest\.yaml/],
    ['files without HAPTIC', ['-f', file('other.yaml', CONFIG_MAP), '--complete'], /no HAPTIC found/],
    ['an unknown check', ['--demo', '--check', 'nonsense'], /there is no check "nonsense"/],
    ['flags that exclude each other', ['--demo', '-f', 'x'], /exclude each other/],
    ['an unknown context', ['--context', 'nowhere'], /nowhere|kubeconfig|none-here/],
    [
      'a server that nobody runs',
      ['--server', 'https://127.0.0.1:1', '--token', 'secret-token', '--timeout', '20s'],
      /127\.0\.0\.1/,
    ],
  ])('%s: one line on stderr, nothing on stdout, exit code 3', async (_, words, message) => {
    for (const format of ['text', 'json']) {
      const { exitCode, stdout, stderr } = await start(['doctor', ...words, '-o', format]);
      expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 3, stdout: '', stderr: expect.stringMatching(message) });
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).not.toContain('secret-token');
    }
  });
});

describe('the streams', () => {
  it('carry nothing but the result on stdout and nothing on stderr', async () => {
    const { exitCode, stdout, stderr } = await start(['version', '-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'kubectl-haptic_spire', version: '0.1.0' });
  });

  it('may be closed early without a word', async () => {
    const script = `${shellWord(process.execPath)} ${shellWord(PROGRAM)} doctor --print-probe; echo "$?" >&3`;
    const out = execFileSync('bash', ['-c', `{ { ${script}; } 2>&4 | head -n 1 >/dev/null; } 3>&1 4>&1`], {
      encoding: 'utf8',
    });
    expect(out).toBe('0\n');
  });

  it('have no colours and no spinner when they are no terminal', async () => {
    const { stdout, stderr } = await start(['checks']);
    expect(stdout).toMatch(/cert-loaded +haproxy/);
    expect(`${stdout}${stderr}`).not.toContain('\u001b');
  });
});

describe('the launcher', () => {
  it('works through a symbolic link, and says the name by which kubectl runs it', async () => {
    const link = join(folder, 'kubectl-haptic_spire');
    symlinkSync(PROGRAM, link);
    expect(execFileSync(link, ['--help'], { encoding: 'utf8', env: { PATH: MACHINE_PATH } })).toContain(
      'Usage: kubectl haptic-spire',
    );
  });

  it('passes on the exit code of the Node that it starts', () => {
    const ended = () =>
      execFileSync(PROGRAM, ['doctr'], { encoding: 'utf8', stdio: 'pipe', env: { PATH: MACHINE_PATH } });
    expect(ended).toThrow(expect.objectContaining({ status: 3, stdout: '' }));
  });

  it.each([
    ['on a Node that needs no launcher', process.execPath, 'one'],
    ['when only the launcher hears of it', 'node', 'one'],
    ['once when the terminal tells both processes', 'node', 'group'],
  ] as const)('ends at Ctrl-C with 130 and a word, %s', async (_, node, target) => {
    const child = spawn(node, [PROGRAM, 'doctor', '-f', '-', '-v', '1'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: MACHINE_PATH },
      detached: true,
    });
    const ended = await new Promise<{ code: number | null; stderr: string; stdout: string }>((resolve) => {
      let stderr = '';
      let stdout = '';
      let told = false;
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
        if (told || !stderr.includes('standard input') || child.pid === undefined) return;
        told = true;
        process.kill(target === 'group' ? -child.pid : child.pid, 'SIGINT');
      });
      child.on('close', (code) => resolve({ code, stderr, stdout }));
    });
    expect(ended).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Reading standard input\nerror: interrupted before there was anything to judge\n',
    });
  });
});

describe('the Kubernetes client', () => {
  const log = join(folder, 'modules');

  async function modulesOf(words: readonly string[], stdin = ''): Promise<readonly string[]> {
    writeFileSync(log, '');
    await start(words, {
      env: { MODULE_LOG: log },
      node: ['--import', new URL('./log-modules.mjs', import.meta.url).href],
      stdin,
    });
    return readFileSync(log, 'utf8').split('\n');
  }

  const CLIENT = /@kubernetes\/client-node|\/node_modules\/ws\/|sources\/live/;

  it.each([
    ['--demo', ['doctor', '--demo']],
    ['-f', ['doctor', '-f', '-']],
    ['--snapshot', ['doctor', '--snapshot', join(folder, 'v9.json')]],
    ['checks', ['checks']],
    ['explain', ['explain', 'cert-loaded']],
  ])('is not loaded by %s', async (_, words) => {
    const modules = await modulesOf(words, CONFIG_MAP);
    expect(modules.length).toBeGreaterThan(5);
    expect(modules.filter((url) => CLIENT.test(url))).toEqual([]);
  });

  it('is loaded for a cluster, so that this test would notice it', async () => {
    expect((await modulesOf(['doctor'])).some((url) => CLIENT.test(url))).toBe(true);
  });

  it('and nothing else of weight is loaded by version', async () => {
    const modules = await modulesOf(['version']);
    const packages = new Set(modules.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
    expect([...packages]).toEqual(['commander']);
    expect(modules.some((url) => url.includes('/checks/'))).toBe(false);
  });
});

describe.skipIf(!HAS_MANIFESTS)(
  `the guide's own manifests${HAS_MANIFESTS ? '' : ' (skipped: ../shared/fixtures is not there)'}`,
  () => {
    it('give one JSON document on stdout, with the exit code that it names', async () => {
      const { exitCode, stdout, stderr } = await start([
        'doctor',
        '-f',
        HAPTIC,
        '-f',
        SPIRE,
        '--complete',
        '-o',
        'json',
      ]);
      expect(stderr).toBe('');
      const report: unknown = JSON.parse(stdout);
      expect(report).toMatchObject({
        kind: 'DoctorReport',
        exitCode,
        metadata: { source: { kind: 'manifests', complete: true } },
      });
    });

    it('exit alike in every format', async () => {
      const codes = await Promise.all(
        ['text', 'wide', 'json', 'yaml'].map(
          async (format) => (await start(['doctor', '-f', HAPTIC, '-f', SPIRE, '-o', format])).exitCode,
        ),
      );
      expect(new Set(codes).size).toBe(1);
      expect(codes[0]).not.toBe(3);
    });
  },
);

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
