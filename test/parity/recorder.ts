import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { serverCertificate } from '../live/api-server/server-certificate.ts';

/** Who asked, as a server can tell: everything in a request that says so. */
export interface Asked {
  /** Headers `authorization` and `impersonate-…`; lists in one text. */
  readonly headers: Readonly<Record<string, string>>;
  /** Common name in the client certificate. */
  readonly certificate?: string;
}

export interface Recorder {
  readonly url: string;
  /** Hands out what came since the last time. */
  readonly take: () => readonly Asked[];
  readonly close: () => Promise<void>;
}

/** A server that refuses everybody and remembers who came. */
export async function startRecorder(scheme: 'https' | 'http' = 'https'): Promise<Recorder> {
  const { cert, key } = await serverCertificate();
  let came: Asked[] = [];
  const record = (request: IncomingMessage, response: ServerResponse) => {
    const name = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject?.CN : undefined;
    const headers = Object.entries(request.headers)
      .filter(([header]) => /^(?:authorization$|impersonate-)/.test(header))
      .map(([header, value]) => [header, String(value)] as const);
    came.push({
      headers: Object.fromEntries(headers.toSorted()),
      ...(name === undefined ? {} : { certificate: String(name) }),
    });
    response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
  };
  const server =
    scheme === 'http'
      ? http.createServer(record)
      : https.createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, record);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `${scheme}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    take: () => {
      const taken = came;
      came = [];
      return taken;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
