import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import { executableName } from '../../krew/manifest.ts';
import { nameOf, platforms } from '../../krew/platforms.ts';
import { clusterEntry, file } from '../parity/clusters.ts';
import { startRecorder } from '../parity/recorder.ts';
import { startSocks } from '../parity/socks.ts';
import { verifyAdHocSignature } from './verify-signature.ts';

const DIST = join(root, 'krew/dist');
const ARCHIVE_LIMIT = 48e6;
const built = platforms.every((platform) => existsSync(join(DIST, nameOf(platform))));
const program = join(DIST, 'linux-amd64/kubectl-haptic_spire');
const isRoot = process.getuid?.() === 0;

/** Runs it as on a machine where nothing else is installed. */
const alone = (...words: readonly string[]) =>
  spawnSync(program, words, { encoding: 'utf8', env: { PATH: '/nonexistent' }, cwd: '/' });

describe.skipIf(!built)(`executables${built ? '' : ' (skipped: npm run build makes them)'}`, () => {
  let work = '';
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'haptic-spire-executables-'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it('say their version, help, checks and pages without Node', () => {
    expect(alone('version').stdout).toMatch(/^kubectl-haptic_spire \d+\.\d+\.\d+.*, Node \d+\.\d+\.\d+ linux-x64\n$/);
    expect(alone('--help').stdout).toContain('doctor');
    expect(alone('checks')).toMatchObject({ status: 0, stderr: '' });
    expect(alone('explain', 'svid-valid')).toMatchObject({ status: 0, stderr: '' });
  });

  it('load none of what only others than the usual kubeconfigs need', () => {
    const words = ['doctor', '--server', 'https://127.0.0.1:1', '--token', 'x'];
    const env = { PATH: '/nonexistent', NODE_DEBUG_NATIVE: 'CODE_CACHE' };
    const { stderr, status } = spawnSync(program, words, { encoding: 'utf8', env, cwd: '/' });
    expect(status).toBe(3);
    const loaded = [...stderr.matchAll(/^Compiling (\S+) with code cache/gm)].map(([, name]) => name);
    expect(loaded).toContain('tls');
    for (const name of ['child_process', 'dns', 'http2', 'worker_threads']) expect(loaded).not.toContain(name);
    // What V8 refuses is compiled anew by every run.
    expect(stderr).not.toContain('is rejected');
  });

  it.skipIf(!isRoot)(
    `run where there is nothing but them and what Debian installs by itself${isRoot ? '' : ' (skipped: chroot takes root)'}`,
    () => {
      const libraries = [...spawnSync('ldd', [program], { encoding: 'utf8' }).stdout.matchAll(/(\/\S+) \(0x/g)];
      const paths = libraries.map(([, path = '']) => path);
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths)
        expect(path).toMatch(/\/(?:lib(?:c|m|dl|pthread|gcc_s|stdc\+\+)\.so\.\d+|ld-linux[^/]*)$/);
      const bare = join(work, 'bare');
      for (const path of paths) {
        mkdirSync(dirname(join(bare, path)), { recursive: true });
        copyFileSync(path, join(bare, path));
      }
      copyFileSync(program, join(bare, 'kubectl-haptic_spire'));
      const inside = (...words: readonly string[]) =>
        spawnSync('chroot', [bare, '/kubectl-haptic_spire', ...words], {
          encoding: 'utf8',
          env: { PATH: '/usr/sbin:/usr/bin' },
        });
      expect(inside('version')).toMatchObject({ status: 0, stderr: '' });
      const demo = inside('doctor', '--demo');
      expect(demo).toMatchObject({ status: 1, stderr: '' });
      expect(demo.stdout).toContain('Root cause');
    },
  );

  it('for Linux ask for no library that Debian and Ubuntu leave out', async () => {
    for (const platform of platforms.filter(({ os }) => os === 'linux')) {
      const file = await readFile(join(DIST, nameOf(platform), executableName(platform)));
      expect(file.includes('libstdc++.so.6')).toBe(true);
      expect(file.includes('libatomic.so')).toBe(false);
    }
  });

  it('carry the schema of the report', async () => {
    const schema = await readFile(join(root, 'src/report/doctor-report.schema.json'));
    for (const platform of platforms)
      expect((await readFile(join(DIST, nameOf(platform), executableName(platform)))).includes(schema)).toBe(true);
  });

  it('judge every built-in recording', () => {
    const stories = alone('doctor', '--demo', 'list').stdout.trim().split('\n');
    expect(stories.length).toBeGreaterThan(2);
    for (const story of stories.map((line) => line.split(' ')[0] ?? '').filter((name) => /^[a-z-]+$/.test(name))) {
      const { status, stderr } = alone('doctor', '--demo', story, '-o', 'json');
      expect({ story, stderr, ran: status !== null && status < 3 }).toEqual({ story, stderr: '', ran: true });
    }
  });

  it('judge manifests like the checkout does', () => {
    const words = ['doctor', '-f', join(root, 'test/scenario/base'), '-o', 'json'];
    const [mine, other] = [
      alone(...words),
      spawnSync(process.execPath, ['src/main.ts', ...words], { encoding: 'utf8', cwd: root }),
    ];
    expect(mine.status).toBe(other.status);
    expect(JSON.parse(mine.stdout).results).toEqual(JSON.parse(other.stdout).results);
  });

  it('try to reach a cluster, which takes the client and its certificates', () => {
    const words = ['doctor', '--server', 'http://127.0.0.1:9', '--timeout', '5s'];
    const { status, stderr, stdout } = alone(...words);
    expect({ status, defect: /defect of the doctor/.test(stderr + stdout) }).toEqual({ status: 3, defect: false });
  });

  it('reach a cluster through a SOCKS proxy, of which nothing is loaded before', async () => {
    const server = await startRecorder();
    const socks = await startSocks(Number(new URL(server.url).port));
    const cluster = { ...(await clusterEntry({ url: 'https://api.invalid:6443' })), 'proxy-url': socks.url };
    const config = file({
      'current-context': 'here',
      clusters: [{ name: 'here', cluster }],
      users: [{ name: 'jane', user: { token: 'of-jane' } }],
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'jane' } }],
    });
    const child = spawn(program, ['doctor', '--kubeconfig', config], { stdio: 'ignore', env: {} });
    await once(child, 'exit');
    expect(server.take()[0]?.headers.authorization).toBe('Bearer of-jane');
    expect(socks.asked[0]).toBe('api.invalid:6443');
    socks.close();
    await server.close();
  });

  it('import modules from outside', async () => {
    // The program has no command for that yet; the parts' own import is what one will use.
    const outside = join(work, 'outside.ts');
    await writeFile(
      outside,
      "import { basename } from 'node:path';\nexport const said: string = basename('/a/outside');\n",
    );
    const { makeExecutable } = await import('../../krew/executable.ts');
    const { bundleLoader } = await import('../../krew/bundle.ts');
    const part = `(function(){import(process.argv[2]).then((it)=>console.log(it.said))})`;
    const linux = platforms[0];
    if (linux === undefined) throw new Error('no platform');
    const made = await makeExecutable(linux, { main: await bundleLoader(), assets: new Map([['part/main.js', part]]) });
    const path = join(work, 'importer');
    await writeFile(path, made, { mode: 0o755 });
    const { stdout, stderr } = spawnSync(path, [pathToFileURL(outside).href], { encoding: 'utf8', env: {} });
    expect({ stdout, stderr }).toEqual({ stdout: 'outside\n', stderr: '' });
  });

  it('for macOS carry an ad-hoc signature that fits every page', async () => {
    for (const platform of platforms.filter(({ os }) => os === 'darwin')) {
      const file = await readFile(join(DIST, nameOf(platform), executableName(platform)));
      expect(verifyAdHocSignature(file)).toEqual({ identifier: 'kubectl-haptic_spire', trouble: [] });
      const damaged = Buffer.from(file);
      damaged[1_000_000] = (damaged[1_000_000] ?? 0) ^ 1;
      expect(verifyAdHocSignature(damaged).trouble).toEqual(['page 244 is not what was signed']);
    }
  });

  it('for Windows claim no signature', async () => {
    for (const platform of platforms.filter(({ os }) => os === 'windows')) {
      const file = await readFile(join(DIST, nameOf(platform), executableName(platform)));
      const certificates = file.readUInt32LE(0x3c) + 24 + 112 + 4 * 8;
      expect(file.readBigUInt64LE(certificates)).toBe(0n);
    }
  });

  it('fit into archives whose checksums are listed', async () => {
    const sums = (await readFile(join(DIST, 'SHA256SUMS'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split('  '));
    const archives = sums.filter(([, name]) => /\.(tar\.gz|zip)$/.test(name ?? ''));
    expect(archives).toHaveLength(platforms.length);
    for (const [sum, name] of archives) {
      const path = join(DIST, name ?? '');
      expect((await stat(path)).size).toBeLessThan(ARCHIVE_LIMIT);
      expect(
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ).toBe(sum);
    }
  });

  it('are packed in what tar and unzip read, with the licences', () => {
    for (const platform of platforms) {
      const base = join(
        DIST,
        `kubectl-haptic_spire-v${JSON.parse(alone('version', '-o', 'json').stdout).version}-${nameOf(platform)}`,
      );
      const listed =
        platform.os === 'windows'
          ? spawnSync('unzip', ['-Z1', `${base}.zip`], { encoding: 'utf8' })
          : spawnSync('tar', ['tzf', `${base}.tar.gz`], { encoding: 'utf8' });
      expect(listed).toMatchObject({ status: 0, stdout: `${executableName(platform)}\nLICENSE\nTHIRD-PARTY.txt\n` });
    }
    expect(spawnSync('unzip', ['-tq', join(DIST, archiveOf('windows-amd64'))])).toMatchObject({ status: 0 });
  });
});

function archiveOf(platform: string): string {
  return `kubectl-haptic_spire-v${JSON.parse(alone('version', '-o', 'json').stdout).version}-${platform}.zip`;
}
