import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname } from 'node:path';
import { env, execPath, platform } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/sources/live/connection.ts';
import { PROGRAM, start } from '../cli/process.ts';
import type { ApiServer } from '../live/api-server/server.ts';
import { mintCa } from '../scenario/certificates.ts';
import { file, kubeconfig, startCluster } from './clusters.ts';

const run = promisify(execFile);
let server: ApiServer;
beforeAll(async () => {
  server = await startCluster();
});
afterAll(() => server.close());

/** A user whose plug-in notes each run, with what it was told, and then does what `script` says. */
function plugin(script: string, more: object = {}) {
  const log = file('');
  const whole = `echo "$KUBERNETES_EXEC_INFO" >> "$1"; ${script}`;
  const apiVersion = 'client.authentication.k8s.io/v1';
  const exec = {
    apiVersion,
    command: 'sh',
    args: ['-c', whole, 'plugin', log],
    interactiveMode: 'IfAvailable',
    ...more,
  };
  const told = (): readonly unknown[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { user: { exec }, told };
}

const GIVES_A_TOKEN = `printf '{"status":{"token":"%s"}}' good-token`;

describe('a credential plug-in', () => {
  it('is run once, whatever is asked then, with its standard error shown and nobody to ask', async () => {
    const { user, told } = plugin(`echo "visit the login page" >&2; cat >&2; ${GIVES_A_TOKEN}`);
    const before = server.requests.length;
    const words = ['collect', '-q', '-o', '-', '--kubeconfig', await kubeconfig({ here: server }, user)];
    const { exitCode, stderr } = await start(words, { stdin: 'not for the plug-in' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'visit the login page\n' });
    expect(told()).toEqual([
      { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } },
    ]);
    const asked = server.requests.slice(before);
    expect(asked.length).toBeGreaterThan(10);
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer good-token']));
  });

  const noTerminal = platform !== 'linux';
  it.skipIf(noTerminal)(
    `may ask whoever sits at the terminal${noTerminal ? ' (skipped: script(1) of Linux makes the terminal)' : ''}`,
    async () => {
      const { user, told } = plugin(
        `printf 'Password: ' >&2; read -r typed; printf '{"status":{"token":"%s"}}' "$typed"`,
      );
      const config = await kubeconfig({ here: server }, user);
      const before = server.requests.length;
      const command = `stty cols 80; ${execPath} ${PROGRAM} collect -o /dev/null --kubeconfig ${config}`;
      const ended = run('script', ['-qec', command, '/dev/null'], {
        env: { PATH: env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm' },
      });
      ended.child.stdin?.write('good-token\n');
      expect((await ended).stdout).toContain('Password: ');
      expect(told()).toMatchObject([{ spec: { interactive: true } }]);
      expect(server.requests[before]?.headers.authorization).toBe('Bearer good-token');
    },
  );

  it.skipIf(noTerminal)(
    `leaves a terminal without a width alone${noTerminal ? ' (skipped: script(1) of Linux makes the terminal)' : ''}`,
    async () => {
      const { user } = plugin(GIVES_A_TOKEN);
      const config = await kubeconfig({ here: server }, user);
      const command = `stty cols 0; ${execPath} ${PROGRAM} collect -o /dev/null --kubeconfig ${config}`;
      const { stdout } = await run('script', ['-qec', command, '/dev/null'], {
        env: { PATH: env.PATH ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm' },
      });
      expect(stdout).toMatch(/^Wrote \/dev\/null/);
    },
  );

  it.each([
    ['Never', true, 'connected'],
    ['Always', false, 'failed'],
    ['Always', true, 'connected'],
  ])('with interactiveMode %s and a terminal: %s, it %s', async (interactiveMode, interactive, expected) => {
    const { user, told } = plugin(GIVES_A_TOKEN, { interactiveMode });
    const terminal = { interactive, handOver: () => () => undefined };
    const outcome = await connect(
      { kubeconfig: await kubeconfig({ here: server }, user) },
      { env: {}, onProgress: () => undefined, terminal },
    ).then(
      (connection) => {
        connection.close();
        return 'connected';
      },
      ({ message }) => (/^the credential plug-in 'sh' of user 'jane' .* failed/.test(message) ? 'failed' : message),
    );
    expect(outcome).toBe(expected);
    expect(told()).toMatchObject(
      expected === 'failed' ? [] : [{ spec: { interactive: interactive && interactiveMode !== 'Never' } }],
    );
  });

  it('has the terminal for itself while it runs', async () => {
    const events: string[] = [];
    const terminal = {
      interactive: false,
      handOver: () => {
        events.push('handed over');
        return () => events.push('taken back');
      },
    };
    const failing = plugin('exit 1');
    const config = await kubeconfig({ here: server }, failing.user);
    await connect({ kubeconfig: config }, { env: {}, onProgress: () => undefined, terminal }).catch(() => undefined);
    expect(events).toEqual(['handed over', 'taken back']);
  });

  it('gets its own variables, and the cluster if it wants', async () => {
    const { user, told } = plugin(`printf '{"status":{"token":"%s"}}' "$GIVEN"`, {
      env: [{ name: 'GIVEN', value: 'good-token' }],
      provideClusterInfo: true,
    });
    const io = { env: { GIVEN: 'from outside' }, onProgress: () => undefined };
    const connection = await connect({ kubeconfig: await kubeconfig({ here: server }, user) }, io);
    connection.close();
    expect(connection.socket.options.headers).toMatchObject({ authorization: 'Bearer good-token' });
    expect(told()).toMatchObject([{ spec: { cluster: { server: server.url, 'tls-server-name': 'localhost' } } }]);
  });

  it('may give a certificate with its key', async () => {
    const validity = { notBefore: Date.parse('2020-01-01T00:00:00Z'), notAfter: Date.parse('2049-01-01T00:00:00Z') };
    const ca = await mintCa({ subject: 'CN=clients', ...validity });
    const leaf = await ca.issue({ subject: 'CN=jane', dnsNames: [], ...validity });
    const status = { clientCertificateData: leaf.certificatePem, clientKeyData: leaf.privateKeyPem };
    const { user } = plugin(`cat ${file({ status })}`);
    const io = { env: {}, onProgress: () => undefined };
    const connection = await connect({ kubeconfig: await kubeconfig({ here: server }, user) }, io);
    connection.close();
    const presented: unknown = connection.socket.options.secureContext?.context.getCertificate();
    expect(Buffer.isBuffer(presented) && new X509Certificate(presented).toString()).toBe(leaf.certificatePem);
  });

  it('that is named with a folder lies there as seen from the kubeconfig', async () => {
    const script = file(`#!/bin/sh\n${GIVES_A_TOKEN}\n`);
    chmodSync(script, 0o755);
    const { user } = plugin('', { command: `./${basename(script)}` });
    const io = { env: { PATH: [dirname(execPath), '/usr/bin', '/bin'].join(delimiter) }, onProgress: () => undefined };
    const connection = await connect({ kubeconfig: await kubeconfig({ here: server }, user) }, io);
    connection.close();
    expect(connection.socket.options.headers).toMatchObject({ authorization: 'Bearer good-token' });
  });

  it('is ended when the run is', async () => {
    const { user } = plugin('exec sleep 600');
    const stopped = AbortSignal.abort();
    const io = { env: {}, onProgress: () => undefined, signal: stopped };
    await expect(connect({ kubeconfig: await kubeconfig({ here: server }, user) }, io)).rejects.toThrow(
      /^the credential plug-in 'sh'/,
    );
  });
});
