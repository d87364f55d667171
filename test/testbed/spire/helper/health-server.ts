import { createServer, get, type Server } from 'node:http';
import type { HelperSettings } from './settings.ts';

/** How the last write of the files ended. */
export type WriteStatus = 'unwritten' | 'failed' | 'written';

export type HealthServer =
  | { readonly state: 'listens'; readonly close: () => Promise<void> }
  /** Go's words. */
  | { readonly state: 'failed'; readonly error: string };

/** Listens on the pod's address with spiffe-helper's answers: alive unless a write failed, ready once one succeeded. */
export async function startHealthServer(
  { port, livePath, readyPath }: NonNullable<HelperSettings['listener']>,
  address: string,
  status: () => WriteStatus,
): Promise<HealthServer> {
  if (port > 65_535) return { state: 'failed', error: `listen tcp: address ${port}: invalid port` };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/s, '');
    const isGood = { [livePath]: status() !== 'failed', [readyPath]: status() === 'written' }[path];
    if (isGood === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    const health = { file_write_statuses: { x509_write_status: status(), jwt_write_status: {} } };
    response
      .writeHead(isGood ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: isGood ? 'OK' : 'Service Unavailable', health }));
  });
  const error = await listen(server, port, address);
  if (error !== undefined) return { state: 'failed', error };
  return {
    state: 'listens',
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}

function listen(server: Server, port: number, address: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  server.once('error', (error) => {
    const isTaken = 'code' in error && error.code === 'EADDRINUSE';
    resolve(`listen tcp :${port}: bind: ${isTaken ? 'address already in use' : error.message}`);
  });
  server.listen(port, address, () => resolve(undefined));
  return promise;
}

/** Status of a GET, whoever listens there. */
export function probe(address: string, port: number, path: string): Promise<number | 'refused'> {
  const { promise, resolve } = Promise.withResolvers<number | 'refused'>();
  const request = get({ host: address, port, path, agent: false, timeout: 2_000 }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 'refused');
  });
  request.on('error', () => resolve('refused'));
  request.on('timeout', () => request.destroy());
  return promise;
}
