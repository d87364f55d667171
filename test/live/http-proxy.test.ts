import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { gatherFrom } from './cluster.ts';

it('the proxy of the kubeconfig carries every call and every probe', async () => {
  const tunnels: string[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer().on('connect', (request, client: Socket) => {
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) sockets.push(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const { snapshot, server } = await gatherFrom({
      kubeconfig: (api) => api.kubeconfig().replace('"tls-server-name"', `"proxy-url":"${proxyUrl}","tls-server-name"`),
    });
    expect(snapshot.notCollected).toEqual([]);
    expect(snapshot.probes).toHaveLength(2);
    expect(new Set(tunnels)).toEqual(new Set([server.url.replace('https://', '')]));
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
});
