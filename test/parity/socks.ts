import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Socks {
  readonly url: string;
  /** Names and ports that were asked for, oldest first. */
  readonly asked: readonly string[];
  readonly close: () => void;
}

const NO_AUTHENTICATION = Buffer.from([5, 0]);
const SUCCEEDED = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** A SOCKS5 proxy that leads everybody to one port of this machine, whatever name was asked for. RFC 1928. */
export async function startSocks(port: number): Promise<Socks> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client.on('error', () => client.destroy()));
    client.once('data', () => {
      client.write(NO_AUTHENTICATION);
      client.once('data', (request: Buffer) => {
        // Version, command, reserved, 3 (a name), its length, the name, the port.
        const end = 5 + (request[4] ?? 0);
        asked.push(`${request.toString('latin1', 5, end)}:${request.readUInt16BE(end)}`);
        const upstream = connect(port, '127.0.0.1', () => {
          client.write(SUCCEEDED);
          client.pipe(upstream).pipe(client);
        });
        sockets.add(upstream.on('error', () => client.destroy()));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
