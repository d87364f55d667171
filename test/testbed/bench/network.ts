import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** How much sooner than that something may go on; a timer ends late by about as much. */
const EARLY_MS = 0.75;

/** A network between a client and a server on this machine, with a delay of its own. */
export interface Network {
  readonly port: number;
  readonly close: () => void;
}

/**
 * Every round trip takes `roundTripMs` more, the one that opens a connection too: TCP's handshake is over at once on
 * one machine, so that what comes first waits for it here.
 */
export async function startNetwork(server: number, roundTripMs: number): Promise<Network> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const listener = createServer((client) => {
    keep(client);
    const upstream = keep(connect(server, '127.0.0.1'));
    delay(client, upstream, roundTripMs / 2, performance.now() + roundTripMs);
    delay(upstream, client, roundTripMs / 2, 0);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    close: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Hands on what comes, in order, so much later; nothing before `opens` (both by `performance.now`). */
function delay(from: Socket, to: Socket, milliseconds: number, opens: number): void {
  const queue: { readonly due: number; readonly action: () => void }[] = [];
  const flush = () => {
    const now = performance.now();
    while (queue[0] && queue[0].due <= now + EARLY_MS) queue.shift()?.action();
    // Timers have whole milliseconds: rounded up as well, every way would take one more than it should.
    if (queue[0]) setTimeout(flush, Math.floor(queue[0].due - now - EARLY_MS / 2));
  };
  const later = (action: () => void) => {
    queue.push({ due: Math.max(opens, performance.now()) + milliseconds, action });
    if (queue.length === 1) flush();
  };
  from.on('data', (part: Buffer) => later(() => to.writable && to.write(part)));
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroy()));
}
