import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { serverCertificate } from '../test/live/api-server/server-certificate.ts';

export interface BenchServer {
  /** Context, server, authority and token for it. */
  readonly kubeconfig: string;
  /** When the next request arrives, on `performance`'s clock. */
  readonly nextRequest: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** An HTTPS server on this machine that knows a version and nothing else. */
export async function startBenchServer(): Promise<BenchServer> {
  const { ca, cert, key } = await serverCertificate();
  let arrived: ((at: number) => void) | undefined;
  const server = createServer({ cert, key }, (request: IncomingMessage, response) => {
    arrived?.(performance.now());
    arrived = undefined;
    response.writeHead(request.url === '/version' ? 200 : 404, { 'content-type': 'application/json' });
    response.end('{"major":"1","minor":"35","gitVersion":"v1.35.2"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cluster = {
    server: `https://localhost:${port}`,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
  };
  return {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
      clusters: [{ name: 'here', cluster }],
      users: [{ name: 'here', user: { token: 'token' } }],
    }),
    nextRequest: () =>
      new Promise((resolve) => {
        arrived = resolve;
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
