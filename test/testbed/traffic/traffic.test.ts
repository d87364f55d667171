import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStore } from '../api/store.ts';
import type { KubeObject } from '../seams.ts';
import { startTraffic } from './client.ts';
import { BASE_ENTRANCE, readyTargets } from './targets.ts';

const TEST = { manager: 'test' };

describe('traffic', () => {
  let server: Server;
  let port: number;
  let hosts: (string | undefined)[];
  let answer: number | 'hang up';
  beforeEach(async () => {
    answer = 200;
    hosts = [];
    server = createServer((request, response) => {
      hosts.push(request.headers.host);
      if (answer === 'hang up') request.socket.destroy();
      else response.writeHead(answer).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('counts what is answered with 200, and asks for the host of the base', async () => {
    const traffic = startTraffic({ targets: () => [{ pod: 'a', host: '127.0.0.1', port }], pause: 0 });
    await traffic.answered(3);
    const { sent, ok, failed } = await traffic.stop();
    expect(sent).toBeGreaterThanOrEqual(3);
    expect([ok, failed]).toEqual([sent, []]);
    expect(new Set(hosts)).toEqual(new Set(['api.example.com']));
  });

  test('records every request that is lost, with where it went and why', async () => {
    let targets = [{ pod: 'a', host: '127.0.0.1', port }];
    const traffic = startTraffic({ targets: () => targets, pause: 0 });
    const reasons = async () => {
      await traffic.answered(2);
      const last = traffic.record().failed.at(-1);
      return `${last?.pod} ${last?.why}`;
    };
    answer = 503;
    expect(await reasons()).toBe('a 503');
    answer = 'hang up';
    expect(await reasons()).toBe('a ECONNRESET');
    targets = [{ pod: 'b', host: '127.0.0.1', port: 1 }];
    expect(await reasons()).toBe('b ECONNREFUSED');
    targets = [];
    expect(await reasons()).toBe('undefined no Ready pod');
    const { sent, ok, failed } = await traffic.stop();
    expect(failed).toHaveLength(sent - ok);
  });

  test('takes the targets in turn', async () => {
    const targets = ['a', 'b'].map((pod) => ({ pod, host: '127.0.0.1', port: 1 }));
    const traffic = startTraffic({ targets: () => targets, pause: 0 });
    await traffic.answered(4);
    const { failed } = await traffic.stop();
    expect(failed.slice(0, 4).map(({ pod }) => pod)).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('targets', () => {
  const pod = (name: string, ip: string, ready: boolean, more: KubeObject = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'haptic', labels: { ...BASE_ENTRANCE.labels }, ...more },
    spec: { containers: [{ name: 'haproxy', ports: [{ name: 'http', containerPort: 80 }] }] },
    status: { podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });

  test('are the addresses of the Service’s Endpoints', () => {
    const store = createStore({ now: Date.now });
    store.create(pod('a', '127.0.0.2', true), TEST);
    store.create(
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'haptic-haproxy', namespace: 'haptic' },
        subsets: [
          {
            addresses: [{ ip: '127.0.0.3', targetRef: { kind: 'Pod', name: 'b' } }],
            notReadyAddresses: [{ ip: '127.0.0.4' }],
            ports: [
              { name: 'https', port: 8443 },
              { name: 'http', port: 8080 },
            ],
          },
        ],
      },
      TEST,
    );
    expect(readyTargets(store, BASE_ENTRANCE)).toEqual([{ pod: 'b', host: '127.0.0.3', port: 8080 }]);
  });

  test('are, without Endpoints, the Ready pods that are not leaving', () => {
    const store = createStore({ now: Date.now });
    store.create(pod('a', '127.0.0.2', true), TEST);
    store.create(pod('b', '127.0.0.3', false), TEST);
    store.create(pod('c', '127.0.0.4', true, { labels: {} }), TEST);
    store.create(pod('d', '127.0.0.5', true, { deletionTimestamp: '2026-01-01T00:00:00Z' }), TEST);
    expect(readyTargets(store, BASE_ENTRANCE)).toEqual([{ pod: 'a', host: '127.0.0.2', port: 80 }]);
  });
});
