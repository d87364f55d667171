import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/sources/live/connection.ts';
import type { ConnectionFlags } from '../../src/sources/live/request.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import { type ApiServer, startApiServer } from './api-server/server.ts';
import { gatherFrom } from './cluster.ts';

const quiet = { env: {}, onProgress: () => undefined };

function file(text: string): string {
  const path = join(temporaryFolder('kubeconfig-'), 'config');
  writeFileSync(path, text);
  return path;
}

function config(
  user: unknown = { token: 'secret-token' },
  cluster: unknown = { server: 'https://192.0.2.1:6443' },
): string {
  return file(
    JSON.stringify({
      'current-context': 'here',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [
        { name: 'here', context: { cluster: 'c', user: 'u', namespace: 'team' } },
        { name: 'broken', context: { cluster: 'nowhere', user: 'u' } },
      ],
    }),
  );
}

async function trouble(flags: ConnectionFlags, env: Record<string, string> = {}): Promise<string> {
  try {
    (await connect(flags, { ...quiet, env })).close();
    return 'connected';
  } catch (error) {
    expect(error).toMatchObject({ name: 'CannotRun' });
    return String(Object(error).message);
  }
}

describe('a kubeconfig that cannot be used is told in one line', () => {
  it.each<[string, () => ConnectionFlags, RegExp]>([
    [
      'that is not there',
      () => ({ kubeconfig: '/does/not/exist' }),
      /^kubeconfig \/does\/not\/exist cannot be used: there is no such file$/,
    ],
    ['that is a directory', () => ({ kubeconfig: temporaryFolder('nothing-') }), /it is a directory$/],
    ['that is not YAML', () => ({ kubeconfig: file('clusters:\n  - name: "x\n') }), /it is not YAML \(line \d+\)$/],
    ['that is something else', () => ({ kubeconfig: file('hello') }), /no current context|not a kubeconfig/],
    [
      'with a cluster without a server',
      () => ({ kubeconfig: file('clusters: [{name: c, cluster: {}}]') }),
      /clusters\[0\]\.cluster\.server is missing$/,
    ],
    [
      'without the context that is asked for',
      () => ({ kubeconfig: config(), context: 'prod' }),
      /^context 'prod' is not in the kubeconfig; it has: here, broken$/,
    ],
    [
      'whose context names no cluster',
      () => ({ kubeconfig: config(), context: 'broken' }),
      /^cluster 'nowhere' is not in the kubeconfig; it has: c$/,
    ],
    [
      'without the user that is asked for',
      () => ({ kubeconfig: config(), user: 'root' }),
      /^user 'root' is not in the kubeconfig; it has: u$/,
    ],
    ['whose server is no URL', () => ({ kubeconfig: config({}, { server: 'no url' }) }), /not an http\(s\) URL$/],
    [
      'whose key is broken',
      () => ({ kubeconfig: config({ 'client-certificate-data': 'eA==', 'client-key-data': 'eA==' }) }),
      /^the client certificate and key of user 'u' cannot be used/,
    ],
    [
      'whose authority is broken',
      () => ({ kubeconfig: config({}, { server: 'https://x', 'certificate-authority-data': 'eA==' }) }),
      /^the certificate authority of cluster 'c' is not a PEM certificate$/,
    ],
    [
      'whose key file is missing',
      () => ({ kubeconfig: config({ 'client-key': '/nowhere/key', 'client-certificate': '/nowhere/cert' }) }),
      /cannot be read \(ENOENT\)$/,
    ],
    [
      'whose plug-in is missing',
      () => ({
        kubeconfig: config({ exec: { command: 'no-such-plugin', apiVersion: 'client.authentication.k8s.io/v1' } }),
      }),
      /^the credential plug-in 'no-such-plugin' of user 'u' \(context here\) failed/,
    ],
    [
      'whose plug-in fails',
      () => ({ kubeconfig: config({ exec: { command: 'sh', args: ['-c', 'echo secret-word >&2; exit 1'] } }) }),
      /^the credential plug-in 'sh' of user 'u' \(context here\) failed/,
    ],
    [
      'whose plug-in talks nonsense',
      () => ({ kubeconfig: config({ exec: { command: 'echo', args: ['secret-word'] } }) }),
      /^the credential plug-in 'echo'/,
    ],
    ['with --as-group alone', () => ({ kubeconfig: config(), asGroups: ['admins'] }), /need --as$/],
    [
      'with a token that is no header',
      () => ({ kubeconfig: config(), token: 'two\nlines' }),
      /characters that no HTTP header may carry$/,
    ],
  ])('%s', async (_name, flags, expected) => {
    const message = await trouble(flags());
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/\n|secret-/);
  });

  it('when there is none at all', async () => {
    expect(await trouble({}, { HOME: '/nowhere' })).toMatch(/^no cluster to ask: there is no kubeconfig/);
  });
});

describe('kubeconfig files', () => {
  it('are merged from KUBECONFIG, the first that says something winning, missing ones passed over', async () => {
    const first = file(JSON.stringify({ clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.7' } }] }));
    const connection = await connect(
      {},
      { ...quiet, env: { KUBECONFIG: ['/does/not/exist', first, config()].join(delimiter) } },
    );
    expect(connection).toMatchObject({ server: 'https://192.0.2.7', context: 'here', user: 'u', namespace: 'team' });
    connection.close();
  });

  it('yield to --server and --token', async () => {
    const connection = await connect(
      { server: 'https://192.0.2.9:1234/prefix/', token: 'given' },
      { ...quiet, env: { HOME: '/nowhere' } },
    );
    expect(connection.server).toBe('https://192.0.2.9:1234/prefix');
    expect(connection.socket.options.headers).toMatchObject({ authorization: 'Bearer given' });
    connection.close();
  });

  it('never show the credentials in a server address', async () => {
    const connection = await connect(
      { server: 'https://jane:password@192.0.2.9' },
      { ...quiet, env: { HOME: '/nowhere' } },
    );
    expect(connection.server).toBe('https://192.0.2.9');
    connection.close();
  });
});

describe('a server without TLS, such as kubectl proxy', () => {
  it('is asked in plain HTTP', async () => {
    const server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connection = await connect(
      { server: `http://127.0.0.1:${port}/under` },
      { ...quiet, env: { HOME: '/nowhere' } },
    );
    const answer = await new Promise<string>((resolve) => {
      connection.request('/version', (response) => response.setEncoding('utf8').on('data', resolve)).end();
    });
    connection.close();
    server.close();
    expect(answer).toBe('/under/version');
    expect(connection.socket.url('/x')).toBe(`ws://127.0.0.1:${port}/under/x`);
  });
});

describe('credentials', () => {
  it('come from a plug-in, which is asked once and told what kubectl tells it', async () => {
    const script = `echo run >> "$1"; printf '{"status":{"token":"%s"}}' "$(printf %s "$KUBERNETES_EXEC_INFO" | cut -c3-12)"`;
    const log = file('');
    const exec = { command: 'sh', args: ['-c', script, 'plugin', log], apiVersion: 'client.authentication.k8s.io/v1' };
    const connection = await connect({ kubeconfig: config({ exec }) }, quiet);
    expect(connection.socket.options.headers).toMatchObject({ authorization: 'Bearer apiVersion' });
    expect(readFileSync(log, 'utf8')).toBe('run\n');
    connection.close();
  });

  it('lose the line break at the end of a token file', async () => {
    const connection = await connect({ kubeconfig: config({ tokenFile: file('from-file\n') }) }, quiet);
    expect(connection.socket.options.headers).toMatchObject({ authorization: 'Bearer from-file' });
    connection.close();
  });
});

describe('what the API server is told', () => {
  it('carries the identity to impersonate', async () => {
    const { server } = await gatherFrom({
      request: {
        connection: {
          as: 'bob',
          asGroups: ['dev', 'ops'],
          asUid: 'u-1',
          asUserExtra: ['example.com/reason=on call', 'example.com/reason=again'],
        },
        items: ['pods', 'probe'],
      },
    });
    for (const { headers } of server.requests) {
      expect(headers).toMatchObject({
        'impersonate-user': 'bob',
        'impersonate-group': 'dev, ops',
        'impersonate-uid': 'u-1',
        'impersonate-extra-example.com%2freason': 'on call, again',
      });
    }
    expect(server.requests.some(({ verb }) => verb === 'exec')).toBe(true);
  });
});

describe('a server that cannot be asked', () => {
  let gone: ApiServer;
  beforeAll(async () => {
    gone = await startApiServer({ objects: [] });
    await gone.close();
  });
  afterAll(() => gone.close().catch(() => undefined));

  it('ends the run when nobody listens', async () => {
    await expect(gatherFrom({ kubeconfig: () => gone.kubeconfig() })).rejects.toThrow(
      /^the API server https:\/\/127\.0\.0\.1:\d+ \(context test\) cannot be reached: connection refused$/,
    );
  });

  it('ends the run when its certificate is not the authority’s', async () => {
    await expect(
      gatherFrom({ kubeconfig: (server) => server.kubeconfig().replace(/"certificate-authority-data":"[^"]*",/, '') }),
    ).rejects.toThrow(/cannot be reached: its certificate is not signed by the authority in the kubeconfig$/);
  });

  it('ends the run when its certificate is for another name', async () => {
    await expect(gatherFrom({ request: { connection: { tlsServerName: 'other.example' } } })).rejects.toThrow(
      /its certificate is for another name/,
    );
  });

  it('ends the run when it accepts nobody, without a word of the token', async () => {
    const run = gatherFrom({ request: { connection: { token: 'expired-token' } } });
    await expect(run).rejects.toThrow(
      /^the API server https:\/\/127\.0\.0\.1:\d+ \(context test\) does not accept the credentials of user 'jane': they are invalid or have expired$/,
    );
    await expect(run).rejects.not.toThrow(/expired-token/);
  });

  it('is asked all the same when verification is switched off', async () => {
    const { snapshot } = await gatherFrom({
      request: { connection: { insecureSkipTlsVerify: true }, items: ['pods'] },
      kubeconfig: (server) => server.kubeconfig().replace(/"certificate-authority-data":"[^"]*",/, ''),
    });
    expect(snapshot.objects.length).toBeGreaterThan(0);
  });
});
