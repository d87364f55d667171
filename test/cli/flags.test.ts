import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/cli/host.ts';
import { dig, listAt, textAt } from '../../src/evidence/json.ts';
import { forbidden } from '../live/api-server/faults.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../live/api-server/server.ts';
import { healthyCluster } from '../live/cluster.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import { type Said, say } from './fake-host.ts';

const folder = temporaryFolder('flags-');
const kubeconfig = join(folder, 'kubeconfig');
let options: ApiServerOptions;
let server: ApiServer;

beforeAll(async () => {
  options = await healthyCluster();
  server = await startApiServer(options);
  server.writeKubeconfig(kubeconfig);
});
afterAll(() => server.close());

/** A run of doctor against the server, and what the server was asked meanwhile. */
async function ask(flags: readonly string[], machine: Partial<Host> = {}) {
  const before = server.requests.length;
  const said = await say(['doctor', '--kubeconfig', kubeconfig, '-o', 'json', ...flags], machine);
  return { ...said, requests: server.requests.slice(before) };
}

function results(said: Said) {
  const report: unknown = JSON.parse(said.stdout);
  return listAt(dig(report, 'results')).map((result) => ({
    check: textAt(dig(result, 'check')) ?? '',
    name: textAt(dig(result, 'subject', 'name')) ?? '',
    state: textAt(dig(result, 'state')) ?? '',
    why: textAt(dig(result, 'why')),
    selected: dig(result, 'selected') === true,
  }));
}

describe('a flag about the connection reaches the connection', () => {
  it.each([
    [['--as', 'bob'], 'impersonate-user', 'bob'],
    [['--as', 'bob', '--as-group', 'a', '--as-group', 'b'], 'impersonate-group', 'a, b'],
    [['--as', 'bob', '--as-uid', '7'], 'impersonate-uid', '7'],
    [['--as', 'bob', '--as-user-extra', 'scopes=x'], 'impersonate-extra-scopes', 'x'],
  ] as const)('%j in every request', async (flags, header, value) => {
    const { requests } = await ask(flags);
    expect(requests.length).toBeGreaterThan(10);
    for (const { headers } of requests) expect(headers[header]).toBe(value);
  });

  it.each([
    [['--context', 'nowhere'], /context 'nowhere'/],
    [['--cluster', 'nowhere'], /cluster 'nowhere'/],
    [['--user', 'nobody'], /user 'nobody'/],
    [['--token', 'stale'], /does not accept the credentials/],
    [['--server', 'https://127.0.0.1:1'], /127\.0\.0\.1:1 .*cannot be reached/],
    [['-s', 'ftp://x'], /not an http\(s\) URL/],
    [['--tls-server-name', 'elsewhere.example'], /certificate is for another name/],
    [['--certificate-authority', '/none/ca.pem'], /cannot be read/],
    [['--client-certificate', '/none/cert.pem', '--client-key', '/none/key.pem'], /cannot be read/],
    [['--kubeconfig', '/none/kubeconfig'], /\/none\/kubeconfig/],
  ] as const)('%j, in the one line that says why there is none', async (flags, message) => {
    const { exitCode, stdout, stderr } = await ask(flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('stale');
  });

  it('--insecure-skip-tls-verify, where the certificate is of a stranger', async () => {
    const stranger = join(folder, 'stranger');
    const user = { name: 'jane', user: { token: 'good-token' } };
    const cluster = { name: 'test', cluster: { server: server.url } };
    const context = { name: 'test', context: { cluster: 'test', user: 'jane', namespace: 'haptic' } };
    writeFileSync(
      stranger,
      JSON.stringify({ users: [user], clusters: [cluster], contexts: [context], 'current-context': 'test' }),
    );
    const trusting = await ask(['--kubeconfig', stranger]);
    expect([trusting.exitCode, trusting.stdout]).toEqual([3, '']);
    expect((await ask(['--kubeconfig', stranger, '--insecure-skip-tls-verify'])).exitCode).toBe(0);
  });
});

describe('a flag about what to look at', () => {
  it('-n keeps lists of HAPTIC in that namespace; -A takes nothing less than all', async () => {
    const podLists = (said: Awaited<ReturnType<typeof ask>>) =>
      said.requests.filter(({ verb, kind }) => verb === 'list' && kind === 'Pod').map(({ namespace }) => namespace);
    expect(podLists(await ask(['-n', 'haptic']))).not.toContain(undefined);
    expect(podLists(await ask([]))).toEqual([undefined]);
    const narrow = await startApiServer({
      ...options,
      fault: (request) => (request.verb === 'list' && request.namespace === undefined ? forbidden(request) : undefined),
    });
    const file = join(folder, 'narrow');
    narrow.writeKubeconfig(file);
    const lists = async (...flags: readonly string[]) => {
      const before = narrow.requests.length;
      const { exitCode } = await say(['doctor', '--kubeconfig', file, ...flags]);
      const asked = narrow.requests.slice(before).filter(({ verb }) => verb === 'list');
      return { exitCode, inNamespaces: asked.filter(({ namespace }) => namespace !== undefined).length };
    };
    expect((await lists()).inNamespaces).toBeGreaterThan(3);
    expect(await lists('-A')).toEqual({ exitCode: 2, inNamespaces: 0 });
    await narrow.close();
  });

  it('--pod and -l choose pods, and only these are looked into', async () => {
    for (const flags of [
      ['--pod', 'haptic-haproxy-1'],
      ['-l', 'nobody!=here', '--pod', 'haptic-haproxy-1'],
    ]) {
      const said = await ask(flags);
      expect(said.requests.filter(({ verb }) => verb === 'exec').map(({ name }) => name)).toEqual(['haptic-haproxy-1']);
      expect(results(said).map(({ name }) => name)).not.toContain('haptic-haproxy-0');
    }
    const none = await ask(['-l', 'app=nothing-like-it', '--check', 'svid-valid']);
    expect(none.exitCode).toBe(2);
    expect(none.requests.filter(({ verb }) => verb === 'exec')).toEqual([]);
    expect(results(none).filter(({ selected }) => selected)).toMatchObject([{ state: 'unknown', why: 'no-subject' }]);
  });

  it.each([
    [['--release', 'edge'], /no HAPTIC release is called 'edge'; found: haptic\/haptic/],
    [['--pod', 'haptic-haproxy-9'], /'haptic-haproxy-9'; found: haptic-haproxy-0, haptic-haproxy-1/],
    [['-n', 'elsewhere'], /no HAPTIC found/],
  ] as const)('%j ends the run when that is not there', async (flags, message) => {
    const { exitCode, stdout, stderr } = await ask(flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('--check asks for less, and lists ancestors as not selected; --skip leaves out', async () => {
    const one = await ask(['--check', 'svid-valid']);
    const all = await ask([]);
    expect(one.requests.length).toBeLessThan(all.requests.length);
    const listed = results(one);
    expect(new Set(listed.filter(({ selected }) => selected).map(({ check }) => check))).toEqual(
      new Set(['svid-valid']),
    );
    expect(listed.some(({ check, selected }) => check === 'svid-issued' && !selected)).toBe(true);
    expect(listed.some(({ check }) => check === 'cert-loaded')).toBe(false);
    const skipped = results(await ask(['--skip', 'cert-loaded']));
    expect(skipped.some(({ check }) => check === 'cert-loaded')).toBe(false);
  });

  it.each([
    ['--no-exec', 'exec', 'cert-loaded'],
    ['--no-logs', 'log', undefined],
  ] as const)('%s asks for none, and what is missing for it was switched off', async (flag, verb, unknown) => {
    const said = await ask([flag]);
    expect(said.requests.filter((request) => request.verb === verb)).toEqual([]);
    const report: unknown = JSON.parse(said.stdout);
    const gaps = listAt(dig(report, 'notCollected'));
    expect(gaps.length).toBeGreaterThan(0);
    for (const gap of gaps) expect(dig(gap, 'why')).toBe('switched-off');
    const states = results(said).filter(({ check, state }) => check === unknown && state === 'unknown');
    expect(states.map(({ why }) => why)).toEqual(unknown === undefined ? [] : ['switched-off', 'switched-off']);
    expect(said.exitCode).toBe(unknown === undefined ? 0 : 2);
  });

  it('--annotation says which Ingresses ask for mTLS', async () => {
    const ingresses = (said: Said) => results(said).filter(({ name }) => name === 'api').length;
    expect(ingresses(await ask([]))).toBe(1);
    expect(ingresses(await ask(['--annotation', 'nobody.example/reads-it']))).toBe(0);
  });
});

/** Pauses between attempts are shorter than every limit. */
const SHORTEST_LIMIT = 12_000;

describe('a flag about limits', () => {
  /** Limits of the length given are over as soon as something hangs. */
  async function hanging(flags: readonly string[], limit: number, hangs: 'exec' | 'list') {
    const over: (() => void)[] = [];
    const lengths = new Set<number>();
    const slow = await startApiServer({
      ...options,
      fault: ({ verb }) => (verb === hangs ? { fault: 'hang' } : undefined),
      onHang: () => setImmediate(() => [...over].forEach((action) => void action())),
    });
    const file = join(folder, 'slow');
    slow.writeKubeconfig(file);
    const said = await say(['doctor', '--kubeconfig', file, '-o', 'json', ...flags], {
      after: (milliseconds, action) => {
        lengths.add(milliseconds);
        if (milliseconds === limit) over.push(action);
        else if (milliseconds < SHORTEST_LIMIT) setImmediate(action);
        return () => over.splice(over.indexOf(action) >>> 0, 1);
      },
    });
    await slow.close();
    return { ...said, lengths, lists: slow.requests.filter(({ verb }) => verb === 'list').length };
  }

  it('--timeout ends the run: what was not gathered is unknown by the deadline, which is no code of its own', async () => {
    const said = await hanging(['--timeout', '43210ms'], 43_210, 'exec');
    expect(said.exitCode).toBe(2);
    expect(results(said).filter(({ check }) => check === 'cert-loaded')).toMatchObject([
      { state: 'unknown', why: 'deadline' },
      { state: 'unknown', why: 'deadline' },
    ]);
  });

  it('--request-timeout ends one request, and 0 leaves that to --timeout, as kubectl has it', async () => {
    const said = await hanging(['--request-timeout', '12345ms', '--timeout', '99s'], 12_345, 'list');
    expect(said.exitCode).toBe(2);
    expect(listAt(dig(JSON.parse(said.stdout), 'notCollected')).map((gap) => dig(gap, 'why'))).toContain('timeout');
    const unlimited = await hanging(['--request-timeout', '0', '--timeout', '43210ms'], 43_210, 'exec');
    expect([...unlimited.lengths].filter((length) => length > SHORTEST_LIMIT && length < 20_000)).toEqual([]);
    expect(unlimited.lengths).toContain(43_210);
  });

  it('--concurrency bounds how much is asked at the same time', async () => {
    for (const size of [1, 3]) {
      const said = await hanging(['--concurrency', String(size), '--timeout', '43210ms'], 43_210, 'list');
      expect(said.exitCode).toBe(2);
      expect(said.lists).toBeLessThanOrEqual(size);
      expect(said.lists).toBeGreaterThan(0);
    }
  });
});

describe('a flag about the exit code', () => {
  it.each([
    [['--no-exec'], 2],
    [['--no-exec', '--allow-unknown'], 0],
    [['--no-exec', '--allow-unknown=cert-loaded,svid-valid,san-contents'], 0],
    [['--no-exec', '--allow-unknown=cert-loaded:switched-off,svid-valid,san-contents'], 0],
    [['--no-exec', '--allow-unknown=cert-loaded:forbidden,svid-valid,san-contents'], 2],
    [['--no-exec', '--allow-unknown=cert-loaded'], 2],
    [['--no-exec', '--fail-on', 'never'], 2],
    [['--no-exec', '--fail-on', 'warn', '--allow-unknown'], 0],
  ] as const)('%j gives %i', async (flags, code) => {
    const said = await ask(flags);
    expect(said.exitCode).toBe(code);
    expect(dig(JSON.parse(said.stdout), 'exitCode')).toBe(code);
  });
});
