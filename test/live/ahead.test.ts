import { Agent, createServer, get } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectAhead } from '../../src/sources/live/ahead.ts';
import { connect } from '../../src/sources/live/connection.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';
import { type ApiServer, startApiServer } from './api-server/server.ts';
import { gatherFrom, healthyCluster, withHaproxyPods } from './cluster.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server, what it has accepted so far, and an agent that connects ahead. */
async function aheadOf() {
  const accepted: Socket[] = [];
  const server = createServer((_request, response) => response.end('fine')).on('connection', (socket) => {
    accepted.push(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent();
  const ahead = connectAhead(agent);
  closing.push(() => {
    ahead.keep(0);
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const askOver = (over: Agent | false) =>
    new Promise<string>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const request = get({ agent: over, port, host: '127.0.0.1' }, (response) => {
        const age = ahead.wasKept(request) ? 'kept' : 'new';
        response.setEncoding('utf8').on('data', (text: string) => resolve(`${text} over a ${age} connection`));
      });
      request.on('error', reject);
    });
  const opened = (count: number) => vi.waitFor(() => expect(accepted).toHaveLength(count));
  return { accepted, ahead, ask: () => askOver(agent), askApart: () => askOver(false), opened, server };
}

const open = (sockets: readonly Socket[]) => sockets.filter(({ destroyed }) => !destroyed).length;

describe('a connection that was opened ahead', () => {
  it('is taken by the next request, which opens none', async () => {
    const { accepted, ahead, ask, opened } = await aheadOf();
    expect(await ask()).toBe('fine over a new connection');
    ahead.keep(2);
    await opened(3);
    expect([await ask(), await ask()]).toEqual(Array(2).fill('fine over a kept connection'));
    expect(accepted).toHaveLength(3);
    expect(await ask()).toBe('fine over a new connection');
    expect(accepted).toHaveLength(4);
  });

  it('is not waited for: a request takes it while it is being opened', async () => {
    const { accepted, ahead, ask } = await aheadOf();
    await ask();
    ahead.keep(1);
    expect(await ask()).toMatch(/^fine/);
    expect(accepted).toHaveLength(2);
  });

  it('is closed when nobody needs it any more', async () => {
    const { accepted, ahead, ask, opened } = await aheadOf();
    await ask();
    ahead.keep(3);
    await opened(4);
    ahead.keep(1);
    await vi.waitFor(() => expect(open(accepted)).toBe(1));
    ahead.keep(0);
    await vi.waitFor(() => expect(open(accepted)).toBe(0));
  });

  it('is passed over when the server has closed it meanwhile', async () => {
    const { accepted, ahead, ask, opened, server } = await aheadOf();
    await ask();
    ahead.keep(2);
    await opened(3);
    server.closeAllConnections();
    for (const socket of accepted) socket.destroy();
    await vi.waitFor(() => {
      // Refilled once the loss was noticed.
      ahead.keep(2);
      expect(accepted).toHaveLength(5);
    });
    expect(await ask()).toBe('fine over a kept connection');
  });

  it('is passed over when something came over it that nobody had asked for', async () => {
    const { accepted, ahead, ask, askApart, opened } = await aheadOf();
    await ask();
    ahead.keep(1);
    await opened(2);
    accepted[1]?.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
    // What was sent before has arrived when another connection's answer has.
    await askApart();
    expect(await ask()).toBe('fine over a new connection');
  });
});

describe('looking into pods', () => {
  it('opens no connection for as many pods as there are idle ones', async () => {
    let server: ApiServer | undefined;
    const seen: number[] = [];
    const { objects, ...rest } = await healthyCluster();
    server = await startApiServer({
      ...rest,
      objects: withHaproxyPods(objects, 3),
      onRequest: ({ verb }) => {
        if (verb === 'exec') seen.push(server?.connections.all ?? 0);
      },
    });
    closing.push(() => void server.close());
    const { kubeconfig } = server;
    await gatherFrom({ kubeconfig, request: { noLogs: true } });
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
  });

  it('runs no more at a time than it may, though it connects ahead, and leaves nothing open', async () => {
    const { objects, exec, ...rest } = await healthyCluster();
    const running = { now: 0, most: 0 };
    const server = await startApiServer({
      ...rest,
      objects: withHaproxyPods(objects, 40),
      exec: async (call) => {
        running.now += 1;
        running.most = Math.max(running.most, running.now);
        await oneRoundTrip(server);
        running.now -= 1;
        return exec(call);
      },
    });
    closing.push(() => void server.close());
    const { snapshot } = await gatherFrom({
      kubeconfig: server.kubeconfig,
      request: { concurrency: 4, noLogs: true },
    });
    expect(snapshot.probes).toHaveLength(40);
    expect(snapshot.requests.exec).toBe(40);
    expect(running.most).toBe(4);
    // Those that run, those that wait, and those of lists.
    expect(server.connections.most).toBeGreaterThan(4);
    expect(server.connections.most).toBeLessThanOrEqual(12);
    await vi.waitFor(() => expect(server.connections.now).toBe(0));
  });

  it.each([
    ['once is tried again at once, over another connection', 1, 0],
    ['for good is tried again after pauses, like any other', Number.POSITIVE_INFINITY, 6],
  ])('over an idle connection that is reset %s', async (_what, resets, pauses) => {
    const { snapshot, timer } = await gatherFrom({
      server: {
        fault: ({ verb, before }) => (verb === 'exec' && before < resets ? { fault: 'reset' } : undefined),
      },
    });
    expect(timer.pauses).toHaveLength(pauses);
    expect(snapshot.probes).toHaveLength(pauses === 0 ? 2 : 0);
  });
});

describe('a connection to a cluster', () => {
  it('takes those that it opened ahead with it when it is closed', async () => {
    const server = await startApiServer({ objects: [] });
    closing.push(() => void server.close());
    const kubeconfig = join(temporaryFolder('ahead-'), 'config');
    server.writeKubeconfig(kubeconfig);
    const connection = await connect({ kubeconfig }, { env: {}, onProgress: () => undefined });
    await new Promise<void>((resolve) => {
      connection.request('/version', (response) => response.resume().on('end', resolve)).end();
    });
    connection.ahead.keep(3);
    await vi.waitFor(() => expect(server.connections.now).toBe(4));
    connection.close();
    await vi.waitFor(() => expect(server.connections.now).toBe(0));
  });
});

/** Long enough for another exec to begin if it were allowed to. */
async function oneRoundTrip({ kubeconfig }: ApiServer): Promise<void> {
  const { connect: tls } = await import('node:tls');
  const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(kubeconfig()) ?? [];
  await new Promise<void>((resolve, reject) => {
    const socket = tls({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
}
