import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import type { Release } from '../../krew/manifest.ts';
import { copyCheckoutTo } from './checkout-copy.ts';
import { krewMachine, manifestOf, releaseOf, WITHOUT_KREW } from './krew-machine.ts';
import { serveFolder } from './loopback.ts';
import { commandsOf } from './readme-commands.ts';

const { version, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Node and npm as Debian has them, or whoever runs this. */
const NODE = spawnSync('which', ['node'], {
  encoding: 'utf8',
  env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
}).stdout.trim();
const PACKED_LIMIT = 1_500_000;

const folders: string[] = [];
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'haptic-spire-install-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function copyOfCheckout(): string {
  const copy = temporary();
  copyCheckoutTo(copy);
  return copy;
}

/** What `npm pack` makes of the checkout: the archive's path, and what the folder looks like afterwards. */
function pack() {
  const copy = copyOfCheckout();
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const before = readdirSync(copy).toSorted();
  const packed = spawnSync('npm', ['pack', '--json'], { cwd: copy, encoding: 'utf8' });
  expect(packed, packed.stderr).toMatchObject({ status: 0 });
  const after = readdirSync(copy).filter((name) => !name.endsWith('.tgz'));
  const [{ filename, files, size }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  const paths: readonly string[] = files.map(({ path }: { path: string }) => path);
  return { copy, before, after: after.toSorted(), archive: join(copy, filename), paths, size };
}

describe('the npm package', () => {
  let packed: ReturnType<typeof pack>;
  const prefix = temporary();
  const installed = (...words: readonly string[]) =>
    spawnSync(join(prefix, 'bin/kubectl-haptic_spire'), words, {
      encoding: 'utf8',
      env: { PATH: [dirname(NODE), '/usr/bin', '/bin'].join(delimiter), HOME: prefix, KUBECONFIG: 'none-here' },
    });

  beforeAll(() => {
    packed = pack();
    const words = ['install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', prefix, packed.archive];
    const install = spawnSync('npm', words, { encoding: 'utf8' });
    expect(install, install.stderr).toMatchObject({ status: 0 });
  });

  it('is small, holds no source, no test and no runtime, and leaves the checkout as it was', () => {
    expect(packed.size).toBeLessThan(PACKED_LIMIT);
    const strange = packed.paths.filter(
      (path) =>
        !/^(bin\/kubectl-haptic_spire|dist\/.*\.(js|json|md|txt)|(package|CHANGELOG|README|LICENSE)(\.json|\.md)?)$/.test(
          path,
        ),
    );
    expect(strange).toEqual([]);
    expect(packed.paths).toContain('LICENSE');
    expect(packed.after).toEqual(packed.before);
    expect(readFileSync(join(packed.copy, 'package.json'))).toEqual(readFileSync(join(root, 'package.json')));
    const text = readFileSync(join(prefix, 'lib/node_modules/kubectl-haptic_spire/package.json'), 'utf8');
    expect(Object.keys(JSON.parse(text)).filter((key) => /dependencies|private|scripts/i.test(key))).toEqual([]);
  });

  it('names an engine that the Node which runs it here fits', () => {
    const text = readFileSync(join(prefix, 'lib/node_modules/kubectl-haptic_spire/package.json'), 'utf8');
    expect(JSON.parse(text).engines).toEqual({ node: '>=20.12' });
    expect(installed('version').stdout).toMatch(new RegExp(`^kubectl-haptic_spire ${version}, Node \\d`));
  });

  it.each<[readonly string[], number, RegExp]>([
    [['--help'], 0, /^Usage: kubectl haptic-spire /],
    [['doctor', '--demo', 'list'], 0, /^wrong-socket /m],
    [['doctor', '--demo', 'wrong-socket'], 1, /csi-socket-name\/wrong-name/],
    [['doctor', '--demo', 'healthy', '-o', 'yaml'], 0, /^verdict: "?healthy/m],
    [['completion', 'bash'], 0, /complete -o default/],
    [['__complete', 'doctor', '--check', 'svid-v'], 0, /^svid-valid\t/],
    [['explain', 'svid-valid'], 0, /svid-valid/],
    [['checks', '-o', 'json'], 0, /"svid-valid"/],
    [['rbac'], 0, /pods\/exec/],
  ])('runs %j', (words, status, shown) => {
    const ended = installed(...words);
    expect(ended, ended.stderr).toMatchObject({ status, stderr: '' });
    expect(ended.stdout).toMatch(shown);
  });

  it('judges manifests, with the exit code that the report says', () => {
    const { status, stdout, stderr } = installed('doctor', '-f', join(root, 'test/scenario/base'), '-o', 'json');
    expect({ stderr, ...JSON.parse(stdout) }).toMatchObject({ stderr: '', kind: 'DoctorReport', exitCode: status });
  });

  it('reaches for a cluster', () => {
    expect(installed('doctor', '--server', 'https://127.0.0.1:9')).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error: the API server .* cannot be reached: connection refused\n$/),
    });
  });
});

describe.skipIf(WITHOUT_KREW !== '')(`the README\u2019s section on installing${WITHOUT_KREW}`, () => {
  const [index = [], archive = [], npm = [], source = [], shows = []] = commandsOf('Install');
  const output = join(root, 'krew/dist/test-readme');
  let releases: readonly Release[] = [];
  let server: Awaited<ReturnType<typeof serveFolder>>;

  beforeAll(async () => {
    server = await serveFolder(output);
    releases = await releaseOf(version, output, server.url);
    folders.push(output);
  });
  afterAll(() => server.close());

  async function reader() {
    const made = await krewMachine();
    folders.push(made.home);
    await made.publish(manifestOf(version, releases, server.url));
    return made;
  }

  /** Types the commands, then those that show that it works. */
  async function type(made: Awaited<ReturnType<typeof reader>>, lines: readonly string[]): Promise<void> {
    expect(lines.length).toBeGreaterThan(0);
    const typed = await made.run('bash', '-euc', lines.join('\n'));
    expect(typed, typed.stdout + typed.stderr).toMatchObject({ status: 0 });
    const [first = '', second = '', ...rest] = shows;
    expect(rest).toEqual([]);
    const says = await made.run('bash', '-c', first);
    expect(says, says.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(says.stdout).toContain(`kubectl-haptic_spire ${version}`);
    const judges = await made.run('bash', '-c', second);
    expect(judges.stdout, judges.stderr).toContain('Root cause');
  }

  it('has five blocks of commands', () => {
    expect(commandsOf('Install')).toHaveLength(5);
  });

  it('is right about krew\u2019s index', async () => {
    await type(await reader(), index);
  });

  it('is right about manifest and archive', async () => {
    const made = await reader();
    for (const name of ['haptic-spire.yaml', releases[0]?.archive ?? ''])
      cpSync(join(output, name), join(made.home, name));
    await type(made, archive);
  });

  it('is right about npm', async () => {
    const made = await reader();
    const { archive: packed } = pack();
    cpSync(packed, join(made.home, packed.slice(packed.lastIndexOf('/') + 1)));
    // Where npm installs to is the reader's business; that folder is on the PATH.
    await type(made, [
      `export npm_config_prefix=${join(made.home, 'tools/..')} npm_config_offline=true`,
      ...npm,
      `ln -s ${made.home}/bin/* ${made.tools}/`,
    ]);
  });

  it('is right about the source', async () => {
    const made = await reader();
    const copy = copyOfCheckout();
    const git = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-C', copy];
    for (const words of [
      ['init', '--quiet'],
      ['add', '.'],
      ['commit', '--quiet', '--message=it'],
    ]) {
      expect(await made.run('git', ...git, ...words)).toMatchObject({ status: 0 });
    }
    expect(await made.run('git', 'config', '--global', `url.${copy}.insteadOf`, homepage)).toMatchObject({ status: 0 });
    expect(source).toContain('npm ci');
    // The packages are those that npm installed here; the rest is typed as it stands.
    const lines = source.map((line) => (line === 'npm ci' ? `ln -s ${join(root, 'node_modules')} node_modules` : line));
    await type(made, lines);
  });
});
