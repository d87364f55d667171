import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/sources/live/connection.ts';
import { say } from '../cli/fake-host.ts';
import type { ApiServer } from '../live/api-server/server.ts';
import { serverCertificate } from '../live/api-server/server-certificate.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import { file, kubeconfig, startCluster } from './clusters.ts';
import { startTunnel, type Tunnel } from './tunnel.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startCluster();
});
afterAll(() => server.close());

const portOf = ({ url }: ApiServer) => new URL(url).port;
const collect = (env: Readonly<Record<string, string>>) => say(['collect', '-q', '-o', '/snapshot'], { env });

describe('a proxy named by the environment', () => {
  let tunnel: Tunnel;
  beforeEach(async () => {
    tunnel = await startTunnel(Number(portOf(server)));
  });
  afterEach(() => tunnel.close());

  it.each(['HTTPS_PROXY', 'https_proxy'])('%s carries every call and every probe', async (name) => {
    const KUBECONFIG = await kubeconfig({ far: { url: 'https://api.invalid:6443' } });
    const before = server.requests.length;
    expect(await collect({ KUBECONFIG, [name]: tunnel.url })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(new Set(tunnel.asked)).toEqual(new Set(['api.invalid:6443']));
    expect(server.requests.slice(before).some(({ verb }) => verb === 'exec')).toBe(true);
  });

  it('NO_PROXY leaves it out', async () => {
    const KUBECONFIG = await kubeconfig({ far: { url: 'https://api.invalid:6443' } });
    const { exitCode, stderr } = await collect({ KUBECONFIG, HTTPS_PROXY: tunnel.url, NO_PROXY: '.invalid' });
    expect({ exitCode, asked: tunnel.asked }).toEqual({ exitCode: 3, asked: [] });
    expect(stderr).toContain('cannot be reached');
  });
});

describe('KUBECONFIG', () => {
  it('may list files: the first that says something wins, and what is missing comes from the next', async () => {
    const whole = await kubeconfig({ here: server });
    const other = file({ users: [{ name: 'jane', user: { token: 'token-of-the-first-file' } }] });
    const before = server.requests.length;
    const { exitCode } = await collect({ KUBECONFIG: ['/does/not/exist', other, whole].join(delimiter) });
    expect(exitCode).toBe(3);
    expect(server.requests[before]?.headers.authorization).toBe('Bearer token-of-the-first-file');
    expect((await collect({ KUBECONFIG: [whole, other].join(delimiter) })).exitCode).toBe(0);
  });

  it('is not looked at when ~/.kube/config is all there is', async () => {
    const HOME = temporaryFolder('home-');
    mkdirSync(join(HOME, '.kube'));
    server.writeKubeconfig(join(HOME, '.kube', 'config'));
    expect((await collect({ HOME })).exitCode).toBe(0);
  });
});

describe('inside a pod', () => {
  it('the service account is used, when there is no kubeconfig', async () => {
    const { ca } = await serverCertificate();
    const serviceAccount = temporaryFolder('service-account-');
    for (const [name, text] of [
      ['ca.crt', ca],
      ['token', 'good-token\n'],
      ['namespace', 'team\n'],
    ] as const)
      writeFileSync(join(serviceAccount, name), text);
    const env = {
      HOME: '/nonexistent',
      KUBERNETES_SERVICE_HOST: 'localhost',
      KUBERNETES_SERVICE_PORT: portOf(server),
    };
    const connection = await connect({}, { env, serviceAccount, onProgress: () => undefined });
    const before = server.requests.length;
    const status = await new Promise((resolve, reject) => {
      connection
        .request('/version', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    connection.close();
    expect(status).toBe(200);
    expect(connection).toMatchObject({ context: 'in-cluster', namespace: 'team', user: 'service-account' });
    expect(server.requests[before]?.headers.authorization).toBe('Bearer good-token');
  });
});
