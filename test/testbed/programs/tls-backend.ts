import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { readField } from '../../scenario/field-edit.ts';
import type { Exit, KubeObject, Program, ProgramContext, RunningProgram } from '../seams.ts';

/** What a workload presents and trusts; PEM. */
export interface TlsIdentity {
  /** The leaf first, then the intermediates. */
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export interface TlsBackendOptions {
  /** Asked at every handshake; undefined: the connection is dropped. */
  readonly identityOf: (pod: KubeObject) => TlsIdentity | undefined;
  /** Which containers are such backends; those of images under `/shop/` unless given. */
  readonly runs?: Program['runs'];
}

/** Milliseconds for the last requests. */
const GRACE = 500;

/** A server that demands a certificate of its trust domain and replies with the URI that it names. */
export function tlsBackendProgram({ identityOf, runs }: TlsBackendOptions): Program {
  return {
    runs: runs ?? ((container) => String(container.image).includes('/shop/')),
    start: (context) => start(context, () => identityOf(context.store.get(keyOf(context)) ?? context.pod)),
  };
}

function keyOf({ ref }: ProgramContext): { kind: 'Pod'; namespace: string; name: string } {
  return { kind: 'Pod', namespace: ref.namespace, name: ref.pod };
}

async function start(context: ProgramContext, identity: () => TlsIdentity | undefined): Promise<RunningProgram> {
  const sockets = new Set<Socket>();
  let current: { readonly text: string; readonly server: HttpsServer } | undefined;
  const serverFor = (own: TlsIdentity) => {
    const text = JSON.stringify(own);
    if (current?.text !== text) current = { text, server: serverWith(own) };
    return current.server;
  };
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    try {
      const own = identity();
      if (own === undefined) socket.destroy();
      else serverFor(own).emit('connection', socket);
    } catch (cause) {
      context.log(String(cause));
      socket.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(portOf(context.container), context.address, resolve);
  });
  let end: (exit: Exit) => void = () => undefined;
  const ended = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  return {
    ended,
    stop: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      await Promise.race([closed, delay(GRACE, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
      await closed;
      end({ code: 0 });
    },
  };
}

function serverWith({ certificatePem, keyPem, caPem }: TlsIdentity): HttpsServer {
  const options = { cert: certificatePem, key: keyPem, ca: caPem, requestCert: true, rejectUnauthorized: true };
  const server = createHttpsServer(options, ({ socket }, response) => {
    const names = socket instanceof TLSSocket ? (socket.getPeerCertificate().subjectaltname ?? '') : '';
    response.setHeader('Connection', 'close');
    response.end(`${/URI:([^,\s]+)/.exec(names)?.[1] ?? 'nobody'}\n`);
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

function portOf({ ports }: KubeObject): number {
  const list = Array.isArray(ports) ? ports : [];
  const named = list.find((port) => readField(port, 'name') === 'https') ?? list[0] ?? null;
  return Number(readField(named, 'containerPort') ?? 8443);
}
