import { request as httpRequest } from 'node:http';
import { dig, listAt, numberAt, textAt } from '../../../src/evidence/json.ts';
import type { KubeObject, PodRuntime, Store } from '../seams.ts';
import type { ResponseHandler } from './handlers.ts';
import { podOf } from './pod-containers.ts';
import { badRequest, StatusError, sendStatus } from './status.ts';

export interface ProxyOptions {
  readonly store: Pick<Store, 'get'>;
  readonly runtime: Pick<PodRuntime, 'address'>;
}

/** Headers that are for the API server alone. */
const KEPT_BACK = ['authorization', 'connection', 'host', 'impersonate-user', 'impersonate-group', 'upgrade'];

/** `…/pods/NAME:PORT/proxy/PATH`: plain HTTP to a port of the pod. */
export function podProxyHandler({ store, runtime }: ProxyOptions): ResponseHandler {
  return (info, request, response) => {
    const { namespace = '', name: asked = '', rest = '/' } = info;
    const [, scheme = 'http', name = '', given = ''] = /^(?:(https?):)?([^:]+)(?::([^:]*))?$/.exec(asked) ?? [];
    if (name === '' || scheme === 'https') throw badRequest(`invalid pod request "${asked}"`);
    const pod = podOf(store, namespace, name);
    const port = portOf(pod, given);
    if (port === undefined) throw badRequest(`invalid pod request "${asked}"`);
    const target = runtime.address(namespace, name, port);
    const shown = `${textAt(dig(pod, 'status', 'podIP')) ?? ''}:${port}`;
    if (target === undefined) throw unreachable(shown, 'connect: connection refused');
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([key]) => !KEPT_BACK.includes(key)));
    const search = info.query.size === 0 ? '' : `?${info.query}`;
    return new Promise((resolve) => {
      response.once('close', resolve);
      const onward = httpRequest(
        { ...target, method: request.method ?? 'GET', path: `${rest}${search}`, headers: { ...headers, host: shown } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.on('error', () => response.destroy()).pipe(response);
        },
      );
      onward.once('error', (error: NodeJS.ErrnoException) => {
        if (response.headersSent) response.destroy();
        else sendStatus(response, unreachable(shown, wordsOf(error)));
      });
      response.once('close', () => onward.destroy());
      request.pipe(onward);
    });
  };
}

function unreachable(address: string, why: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', `error trying to reach service: dial tcp ${address}: ${why}`);
}

function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'connect: connection refused';
  return code === 'ECONNRESET' ? 'read: connection reset by peer' : message;
}

/** By number or by name; the first one of the first container that has any unless given. */
function portOf(pod: KubeObject, given: string): number | undefined {
  if (/^\d+$/.test(given)) return Number(given);
  const ports = listAt(dig(pod, 'spec', 'containers')).flatMap((container) => listAt(dig(container, 'ports')));
  const found = given === '' ? ports[0] : ports.find((port) => dig(port, 'name') === given);
  return numberAt(dig(found, 'containerPort'));
}
