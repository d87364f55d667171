import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

/** TCP connections that are on their way while what TLS takes is still being loaded and worked out. */
export interface Early {
  /**
   * Hands over the next connection once it is made, or undefined when it failed: whoever needs it opens another then,
   * and meets the reason there. False when none is left.
   */
  readonly take: (taker: (socket: Socket | undefined) => void) => boolean;
  /** Closes those that nobody took. */
  readonly close: () => void;
}

export const NONE_EARLY: Early = { take: () => false, close: () => undefined };

/** Begins to open so many at once. */
export function openEarly(address: TcpNetConnectOpts, count: number): Early {
  const sockets = Array.from({ length: count }, () =>
    connect({ ...address, noDelay: true }).on('error', () => undefined),
  );
  return {
    take: (taker) => {
      const socket = sockets.shift();
      if (socket) onceDecided(socket, () => taker(socket.destroyed ? undefined : socket));
      return socket !== undefined;
    },
    close: () => {
      for (const socket of sockets.splice(0)) socket.destroy();
    },
  };
}

/** Calls back when the connection is made, or will not be. */
function onceDecided(socket: Socket, decided: () => void): void {
  const settle = () => {
    socket.off('connect', settle);
    socket.off('close', settle);
    decided();
  };
  if (socket.connecting) socket.on('connect', settle).on('close', settle);
  else decided();
}
