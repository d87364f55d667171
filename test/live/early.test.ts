import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { connectAhead } from '../../src/sources/live/ahead.ts';
import { type Connection, connect } from '../../src/sources/live/connection.ts';
import { openEarly } from '../../src/sources/live/early.ts';
import { get } from '../../src/sources/live/http.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import { startApiServer } from './api-server/server.ts';
import { healthyCluster } from './cluster.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An API server behind a relay that sees each TCP connection from its beginning. */
async function relayed() {
  const server = await startApiServer(await healthyCluster());
  const accepted: Socket[] = [];
  const relay = createServer((client) => {
    accepted.push(client);
    const upstream = connectTo(Number(new URL(server.url).port), '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const stop = () => {
    relay.close();
    for (const socket of accepted) socket.destroy();
  };
  closing.push(stop, () => void server.close());
  return { accepted, stop, kubeconfig: server.kubeconfig().replaceAll(server.url, url), url };
}

async function connected(kubeconfig: string, calls: number): Promise<Connection> {
  const file = join(temporaryFolder('early-'), 'config');
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  const connection = await connect({ kubeconfig: file }, { env: {}, onProgress: () => undefined }, calls);
  closing.push(connection.close);
  return connection;
}

const never = { after: () => () => undefined };

async function ask(connection: Connection): Promise<string> {
  const { signal } = new AbortController();
  const request = { path: '/version', timeoutMs: 15_000, maxBytes: 10_000, signal, timer: never };
  const result = await get(connection, request);
  return result.state === 'response' ? String(result.status) : result.failure.words;
}

const open = (sockets: readonly Socket[]) => sockets.filter(({ destroyed }) => !destroyed).length;

it('connections for the first calls are made before these are, and the calls use them', async () => {
  const { accepted, kubeconfig } = await relayed();
  const connection = await connected(kubeconfig, 3);
  await vi.waitFor(() => expect(accepted).toHaveLength(3));
  expect(await Promise.all([ask(connection), ask(connection), ask(connection)])).toEqual(Array(3).fill('200'));
  expect(accepted).toHaveLength(3);
});

it('a call does not wait until a connection is made: it takes one that is on its way', async () => {
  const { accepted, kubeconfig } = await relayed();
  expect(await ask(await connected(kubeconfig, 1))).toBe('200');
  expect(accepted).toHaveLength(1);
});

it('a call over one that cannot be used fails, and nothing else does', async () => {
  const { accepted, url } = await relayed();
  const { hostname, port } = new URL(url);
  const agent = new Agent();
  agent.createConnection = () => {
    throw new Error('no such cipher');
  };
  const early = openEarly({ host: hostname, port: Number(port) }, 1);
  connectAhead(agent, early);
  const failure = new Promise((resolve) => void request({ agent, host: hostname, port }).on('error', resolve).end());
  expect(await failure).toMatchObject({ message: 'no such cipher' });
  await vi.waitFor(() => expect([accepted.length, open(accepted)]).toEqual([1, 0]));
});

it('more calls than were foreseen open their own', async () => {
  const { accepted, kubeconfig } = await relayed();
  const connection = await connected(kubeconfig, 1);
  expect(await Promise.all([ask(connection), ask(connection)])).toEqual(['200', '200']);
  expect(accepted).toHaveLength(2);
});

it('one that nobody took is closed with the others', async () => {
  const { accepted, kubeconfig } = await relayed();
  const connection = await connected(kubeconfig, 2);
  await vi.waitFor(() => expect(accepted).toHaveLength(2));
  expect(await ask(connection)).toBe('200');
  connection.close();
  await vi.waitFor(() => expect(open(accepted)).toBe(0));
});

it('nothing stays open when the credentials turn out to be of no use', async () => {
  const { accepted, kubeconfig } = await relayed();
  const config = JSON.parse(kubeconfig);
  for (const one of config.users) one.user = { 'client-certificate-data': 'AAAA', 'client-key-data': 'AAAA' };
  await expect(connected(JSON.stringify(config), 2)).rejects.toMatchObject({ name: 'CannotRun' });
  // Those that had been accepted by then are seen to end.
  await vi.waitFor(() => expect(open(accepted)).toBe(0));
});

it('where nobody listens, the call says so', async () => {
  const { kubeconfig, stop } = await relayed();
  stop();
  expect(await ask(await connected(kubeconfig, 2))).toMatch(/refused/);
});

it('none is opened towards a server that a proxy leads to', async () => {
  const { accepted, kubeconfig } = await relayed();
  const config = JSON.parse(kubeconfig);
  for (const { cluster } of config.clusters) cluster['proxy-url'] = 'http://127.0.0.1:9';
  await connected(JSON.stringify(config), 3);
  const direct = await connected(kubeconfig, 1);
  expect(await ask(direct)).toBe('200');
  expect(accepted).toHaveLength(1);
});
