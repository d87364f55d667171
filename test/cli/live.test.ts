import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../live/api-server/server.ts';
import { healthyCluster } from '../live/cluster.ts';
import { say } from './fake-host.ts';
import { PROGRAM, start } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'haptic-spire-live-'));
const kubeconfig = join(folder, 'kubeconfig');
let server: ApiServer;
let options: ApiServerOptions;

beforeAll(async () => {
  options = await healthyCluster();
  server = await startApiServer(options);
  server.writeKubeconfig(kubeconfig);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('a run against a cluster', () => {
  it('writes the report to stdout and nothing to stderr', async () => {
    const { exitCode, stdout, stderr } = await start(['doctor', '--kubeconfig', kubeconfig, '-o', 'json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ exitCode, metadata: { source: { kind: 'live', context: 'test' } } });
    expect(exitCode).not.toBe(3);
  });

  it('says what it waits for with -v, and only on stderr', async () => {
    const { stdout, stderr } = await start(['doctor', '--kubeconfig', kubeconfig, '-o', 'json', '-v', '1']);
    expect(stderr.split('\n').length).toBeGreaterThan(2);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'DoctorReport' });
  });

  it('spares memory once while pods are looked into, and never without a cluster', async () => {
    let spared = 0;
    const spareMemory = () => {
      spared += 1;
    };
    await say(['doctor', '--demo'], { spareMemory });
    expect(spared).toBe(0);
    const { stdout } = await say(['doctor', '--kubeconfig', kubeconfig, '-o', 'json'], { spareMemory });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'DoctorReport' });
    expect(spared).toBe(1);
  });

  it('runs nothing in pods with --no-exec', async () => {
    const before = server.requests.length;
    await start(['doctor', '--kubeconfig', kubeconfig, '--no-exec']);
    expect(server.requests.slice(before).filter(({ verb }) => verb === 'exec')).toEqual([]);
    expect(server.requests.slice(before).some(({ verb }) => verb === 'list')).toBe(true);
  });

  it('ends with one line and 3 when the credentials are refused', async () => {
    const { exitCode, stdout, stderr } = await start([
      'doctor',
      '--kubeconfig',
      kubeconfig,
      '--token',
      'expired-token',
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).not.toContain('expired-token');
  });

  it('judges what is there at Ctrl-C, says that it was interrupted, and exits with 130', async () => {
    const { promise: hanging, resolve: hung } = Promise.withResolvers<void>();
    const slow = await startApiServer({
      ...options,
      fault: ({ verb }) => (verb === 'exec' ? { fault: 'hang' } : undefined),
      onHang: () => hung(),
    });
    const file = join(folder, 'slow');
    slow.writeKubeconfig(file);
    const child = spawn(process.execPath, [PROGRAM, 'doctor', '--kubeconfig', file, '-o', 'json'], {
      env: { PATH: process.env.PATH },
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await hanging;
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 130, metadata: { source: { complete: false } } });
    await slow.close();
  });
});

describe('collect', () => {
  it('writes a file that only its owner can read, and that is judged like the cluster', async () => {
    const file = join(folder, 'snapshot.json.gz');
    const collected = await start(['collect', '--kubeconfig', kubeconfig, '-o', file]);
    expect(collected).toMatchObject({ exitCode: 0, stdout: '' });
    expect(collected.stderr).toMatch(/^Wrote .*snapshot\.json\.gz: \d+ objects, \d+ logs, 2 probes\./);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const results = async (...words: readonly string[]) => {
      const { exitCode, stdout } = await start(['doctor', ...words, '-o', 'json']);
      const report: unknown = JSON.parse(stdout);
      return { exitCode, report: Object.assign({}, report, { metadata: undefined, timeToOutage: undefined }) };
    };
    // Two looks at the cluster have different clocks; everything else is the same.
    const live = await results('--kubeconfig', kubeconfig);
    expect(await results('--snapshot', file)).toEqual(live);
  });

  it('names the file by context and time, and writes over another one only when that is named', async () => {
    writeFileSync(join(folder, 'old'), 'old');
    const first = await start(['collect', '--kubeconfig', kubeconfig], { cwd: folder });
    expect(first.exitCode).toBe(0);
    expect(readdirSync(folder).filter((name) => /^haptic-spire-test-\d{8}T\d{6}Z\.json\.gz$/.test(name))).toHaveLength(
      1,
    );
    const over = await start(['collect', '--kubeconfig', kubeconfig, '-q', '-o', join(folder, 'old')]);
    expect(over).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(join(folder, 'old')).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(statSync(join(folder, 'old')).mode & 0o777).toBe(0o600);
  });

  it('says in one line when it cannot write', async () => {
    const { exitCode, stderr } = await start([
      'collect',
      '--kubeconfig',
      kubeconfig,
      '-o',
      join(folder, 'no', 'such', 'folder'),
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^error: cannot write [^\n]*: there is no such f[^\n]*\n$/);
  });
});
