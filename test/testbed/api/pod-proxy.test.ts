import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StreamBench, startBench } from './stream-bench.ts';

let bench: StreamBench;
let program: Server;

beforeEach(async () => {
  bench = await startBench();
  program = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { authorization = 'no credentials' } = request.headers;
    response.writeHead(request.url === '/gone' ? 410 : 200);
    response.end([request.method, request.url, authorization, body].join(' ').trim());
  });
  await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
  bench.runtime.listen('web-0', 8404, (program.address() as AddressInfo).port);
});
afterEach(async () => {
  await bench.close();
  program.closeAllConnections();
  await new Promise((resolve) => program.close(resolve));
});

describe('the way to a port of a pod', () => {
  it.each([
    ['by number', 'web-0:8404'],
    ['by name', 'web-0:stats'],
    ['with its scheme', 'http:web-0:8404'],
    ['without a port', 'web-0'],
  ])('is taken %s, without what is for the API server', async (_how, name) => {
    const response = await fetch(`${bench.url}/${name}/proxy/metrics?scope=global`, {
      headers: { authorization: 'Bearer secret' },
    });
    expect(await response.text()).toBe('GET /metrics?scope=global no credentials');
  });

  it('carries a body, and the status of the answer', async () => {
    const sent = await fetch(`${bench.url}/web-0:8404/proxy/x`, { method: 'POST', body: 'hello' });
    expect(await sent.text()).toBe('POST /x no credentials hello');
    expect((await fetch(`${bench.url}/web-0:8404/proxy/gone`)).status).toBe(410);
  });

  it.each([
    [
      'nobody listens',
      'web-0:9999',
      503,
      'error trying to reach service: dial tcp 10.0.0.9:9999: connect: connection refused',
    ],
    ['no such pod', 'web-9:80', 404, 'pods "web-9" not found'],
    ['no such port', 'web-0:nope', 400, 'invalid pod request "web-0:nope"'],
  ])('is refused: %s', async (_why, name, code, message) => {
    const response = await fetch(`${bench.url}/${name}/proxy/`);
    expect(await response.json()).toMatchObject({ kind: 'Status', code, message });
  });

  it('is refused when who listened is gone', async () => {
    program.closeAllConnections();
    await new Promise((resolve) => program.close(resolve));
    const response = await fetch(`${bench.url}/web-0:8404/proxy/`);
    expect(await response.json()).toMatchObject({ reason: 'ServiceUnavailable', code: 503 });
  });
});
