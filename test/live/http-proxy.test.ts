import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { gatherFrom, healthyCluster, withHaproxyPods } from './cluster.ts';

it.each([2, 40])(
  'the proxy of the kubeconfig carries every call and the probes of %i pods, many in one tunnel',
  async (pods) => {
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
      const { objects } = await healthyCluster();
      const { snapshot, server } = await gatherFrom({
        server: { objects: withHaproxyPods(objects, pods) },
        kubeconfig: (api) =>
          api.kubeconfig().replace('"tls-server-name"', `"proxy-url":"${proxyUrl}","tls-server-name"`),
      });
      expect(snapshot.notCollected.filter(({ target }) => target.what === 'probe')).toEqual([]);
      expect(snapshot.probes).toHaveLength(pods);
      expect(snapshot.requests.exec).toBe(pods);
      // No more than one for each probe, each call at a time and each that was opened ahead.
      expect(tunnels.length).toBeLessThanOrEqual(pods + 8 + 8);
      expect(server.requests.length).toBeGreaterThan(pods + 8 + 8);
      expect(new Set(tunnels)).toEqual(new Set([server.url.replace('https://', '')]));
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    }
  },
);
