import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { outcome } from './command.ts';
import type { SandboxLayout } from './layout.ts';
import { haproxyReleaseOf } from './releases.ts';
import { sandboxRequirements } from './requirements.ts';
import { spawner } from './small-process.ts';
import { type ProcessSandbox, startSandbox } from './start.ts';

const missing = sandboxRequirements();

test.each([
  ['haproxytech/haproxy-debian:2.6', '2.6'],
  ['haproxytech/haproxy-debian:2.6.12@sha256:0', '2.6'],
  ['registry.example.net/haptic:0.1.2-haproxy2.6', '2.6'],
  ['haproxytech/haproxy-debian:3.2', '3.2'],
  ['registry.example.net:5000/haptic:0.1.2-haproxy3.2', '3.2'],
  ['haproxytech/haproxy-debian:2.60', '3.2'],
  ['haproxy', '3.2'],
])('%s stands for HAProxy %s', (image, release) => {
  expect(haproxyReleaseOf(image)).toBe(release);
});

describe.skipIf(missing !== undefined)(`a sandbox${presence(missing === undefined ? [] : [missing])}`, () => {
  let directory: string;
  const sandboxes: ProcessSandbox[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'haptic-spire-test-'));
  });
  afterEach(async () => {
    for (const sandbox of sandboxes.splice(0)) await sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = async (spec: Partial<SandboxLayout> = {}) => {
    const sandbox = await startSandbox({
      id: 'test',
      mounts: [],
      credentials: { uid: 99, gid: 99, groups: [] },
      env: {},
      ...spec,
    });
    sandboxes.push(sandbox);
    return sandbox;
  };
  const say = async (sandbox: ProcessSandbox, script: string) => {
    const { stdout, stderr } = await outcome(sandbox.run(['sh', '-c', script], ''));
    return (stdout + stderr).trim();
  };
  const folder = (name: string) => {
    mkdirSync(join(directory, name));
    return join(directory, name);
  };

  test('runs commands as exactly the user and the groups it is given, with umask 022', async () => {
    const sandbox = await start({ credentials: { uid: 1000, gid: 1001, groups: [99, 2000] } });
    expect(await say(sandbox, 'id -u; id -g; id -G; umask')).toBe('1000\n1001\n1001 99 2000\n0022');
  });

  test('gives nobody but root a capability other than that for low ports', async () => {
    const sandbox = await start();
    expect(await say(sandbox, 'grep -E "Cap(Prm|Eff|Bnd)" /proc/self/status | cut -f2 | sort -u')).toBe(
      '0000000000000400',
    );
  });

  test('keeps the powers of root in a container for uid 0, and no others', async () => {
    const volume = folder('volume');
    writeFileSync(join(volume, 'secret'), 'text', { mode: 0o600 });
    const sandbox = await start({
      credentials: { uid: 0, gid: 0, groups: [] },
      mounts: [{ from: volume, at: '/data', readOnly: false }],
    });
    expect(await say(sandbox, 'chown 5 /data/secret && cat /data/secret')).toBe('text');
    expect(await say(sandbox, 'mount -t tmpfs none /tmp')).toContain('permission denied');
  });

  test('has the environment it is given and no other', async () => {
    const sandbox = await start({ env: { GREETING: 'two words' } });
    expect(await say(sandbox, 'env | cut -d= -f1 | sort | tr "\\n" " "; echo "$GREETING"')).toBe(
      'GREETING HOME PATH PWD two words',
    );
  });

  test('writes what a volume lets it write, and nothing to a read-only mount', async () => {
    const shared = folder('shared');
    const sandbox = await start({
      mounts: [
        { from: shared, at: '/writable', readOnly: false },
        { from: shared, at: '/etc/config', readOnly: true },
      ],
      credentials: { uid: 0, gid: 0, groups: [] },
    });
    expect(
      await say(sandbox, 'echo hello >/writable/file; echo other >/etc/config/file; cat /etc/config/file'),
    ).toMatch(/^hello\n.*Read-only file system$/);
  });

  test('shows a nested mount, a single file and a directory at their places', async () => {
    const outer = folder('outer');
    const inner = folder('inner');
    writeFileSync(join(inner, 'in'), 'inner');
    writeFileSync(join(directory, 'a file'), 'single');
    const sandbox = await start({
      mounts: [
        { from: inner, at: '/etc/haproxy/spiffe', readOnly: true },
        { from: join(directory, 'a file'), at: '/etc/deep/down/a file', readOnly: true },
        { from: outer, at: '/etc/haproxy/', readOnly: true },
      ],
    });
    expect(await say(sandbox, 'cat /etc/haproxy/spiffe/in "/etc/deep/down/a file"')).toBe('innersingle');
    // As with a container runtime, the mount point stays behind in the volume around it.
    expect(readdirSync(outer)).toEqual(['spiffe']);
  });

  test('sees neither the machine’s files nor another sandbox’s mounts and processes', async () => {
    const one = await start({ id: 'one', mounts: [{ from: folder('one'), at: '/one', readOnly: false }] });
    const other = await start({ id: 'other' });
    expect(await say(one, 'ls -d /one')).toBe('/one');
    expect(await say(other, 'ls -d /one /etc/haproxy /work /home 2>/dev/null; ls /etc | tr "\\n" " "')).toBe(
      'alternatives group hosts nsswitch.conf passwd ssl',
    );
    one.run(['sleep', '1000'], '');
    expect(await say(other, 'ps -e -o comm= | sort -u | tr "\\n" " "')).not.toContain('sleep');
    expect(existsSync('/one')).toBe(false);
  });

  test('has the HAProxy of its release and no other', async () => {
    const version = 'command -v haproxy && haproxy -v | head -n 1';
    expect(await say(await start({ haproxy: '2.6' }), version)).toMatch(/^\/usr\/local\/sbin\/haproxy\n.* 2\.6\./);
    expect(await say(await start({ haproxy: '3.2' }), version)).toMatch(/^\/usr\/local\/sbin\/haproxy\n.* 3\./);
    expect(await say(await start(), version)).toBe('');
  });

  test('lacks the programs that its image lacks', async () => {
    const sandbox = await start({ without: ['socat'] });
    expect(await say(sandbox, 'socat -V')).toBe('sh: 1: socat: not found');
  });

  test('reports exit statuses, signals and what is not there as a shell does', async () => {
    const sandbox = await start();
    const codes = await Promise.all(
      [['sh', '-c', 'exit 7'], ['sh', '-c', 'kill -TERM $$'], ['no-such-program']].map(
        async (command) => (await outcome(sandbox.run(command, ''))).code,
      ),
    );
    expect(codes).toEqual([7, 143, 127]);
  });

  test('hands on standard input, whole or piece by piece', async () => {
    const sandbox = await start();
    const bytes = 'x'.repeat(300_000);
    expect((await outcome(sandbox.run(['wc', '-c'], bytes))).stdout.trim()).toBe('300000');
    const command = sandbox.run(['cat']);
    command.stdin.write('one ');
    command.stdin.end('two');
    expect((await outcome(command)).stdout).toBe('one two');
  });

  test('signals a command alone, and kills it with all that it started', async () => {
    const sandbox = await start();
    const command = sandbox.run(['sh', '-c', 'trap "echo caught" USR1; echo ready; sleep 1000 & wait; wait; wait'], '');
    const said: string[] = [];
    command.stdout.setEncoding('utf8').on('data', (part: string) => {
      said.push(part);
      command.signal('SIGUSR1');
      if (part.includes('caught')) command.kill();
    });
    expect(await command.ended).toBe(137);
    expect(said.join('')).toMatch(/^ready\ncaught\n/);
    await expect.poll(() => say(sandbox, 'ps -e -o comm= | grep -c sleep')).toBe('0');
  });

  test('leaves no process, mount or directory behind when it closes', async () => {
    const sandbox = await start({ id: 'closing' });
    const command = sandbox.run(['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 & echo $$; exec sleep 1000'], '');
    await once(command.stdout, 'data');
    const { memory } = await spawner();
    const made = () => readdirSync(memory.here).filter((name) => name.startsWith('closing-'));
    expect(made()).toHaveLength(1);
    const namespace = namespaceOf(made()[0] ?? '');
    expect(namespace).not.toEqual([]);
    await sandbox.close();
    expect(await command.ended).toBe(137);
    expect(namespace.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(made()).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('closing-');
  });

  test('ends with the process that made it, however that ends', async () => {
    const maker = spawn(execPath, ['--input-type=module', '-e', MAKER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(maker.stdout.setEncoding('utf8'), 'data');
    const { pids, directory: left } = JSON.parse(String(line));
    expect(pids.length).toBeGreaterThan(1);
    maker.kill('SIGKILL');
    await expect.poll(() => pids.filter((pid: string) => existsSync(`/proc/${pid}`))).toEqual([]);
    await expect.poll(() => existsSync(left)).toBe(false);
  });

  test('says why it could not be built, and leaves nothing', async () => {
    const gone = { from: join(directory, 'gone'), at: '/gone', readOnly: true };
    await expect(start({ id: 'failing', mounts: [gone] })).rejects.toThrow(/ENOENT.*gone/);
    const shadow = { from: directory, at: '/usr/share/new-folder', readOnly: true };
    await expect(start({ id: 'failing', mounts: [shadow] })).rejects.toThrow('the machine’s own /usr');
    const { memory } = await spawner();
    expect(readdirSync(memory.here).filter((name) => name.startsWith('failing-'))).toEqual([]);
    expect(statSync('/usr/share').isDirectory()).toBe(true);
  });
});

/** Processes whose root is a sandbox’s, which its name gives away. */
function namespaceOf(name: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(name);
    } catch {
      return false;
    }
  });
}

const MAKER = `
import { readdirSync, readlinkSync } from 'node:fs';
import { spawner } from ${JSON.stringify(new URL('./small-process.ts', import.meta.url).href)};
import { startSandbox } from ${JSON.stringify(new URL('./start.ts', import.meta.url).href)};
const user = { uid: 99, gid: 99, groups: [] };
const { directory } = await spawner();
const sandbox = await startSandbox({ id: 'orphan', mounts: [], credentials: user, env: {} });
const command = sandbox.run(['sh', '-c', 'readlink /proc/self/ns/pid; sleep 1000 >/dev/null & sleep 1000']);
command.stdout.once('data', (name) => {
  const same = (pid) => { try { return readlinkSync('/proc/' + pid + '/ns/pid') === String(name).trim(); } catch { return false; } };
  console.log(JSON.stringify({ pids: readdirSync('/proc').filter((pid) => /^[0-9]+$/.test(pid) && same(pid)), directory }));
});
`;
