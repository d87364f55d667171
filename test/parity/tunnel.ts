import { createServer } from 'node:http';
import { connect as dial, type Socket } from 'node:net';

export interface Tunnel {
  readonly url: string;
  /** `host:port` of every tunnel that was asked for, oldest first. */
  readonly asked: readonly string[];
  readonly close: () => void;
}

/** A proxy that leads to one port of this machine, whatever name it is asked for. */
export async function startTunnel(port: number): Promise<Tunnel> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer().on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const upstream = dial(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) sockets.push(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
