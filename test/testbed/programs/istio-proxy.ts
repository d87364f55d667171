import { createServer, get } from 'node:http';
import { dig, numberAt, objectAt, textAt } from '../../../src/evidence/json.ts';
import { containerEnv } from '../sandbox/container.ts';
import type { Exit, Program, ProgramContext, RunningProgram } from '../seams.ts';

/** Where Istio's agent takes the probes that injection moved to it. */
const STATUS_PORT = 15_020;

/** Istio's sidecar as far as kubelets see it: it asks the pod's other containers what their authors' probes ask. */
export const istioProxyProgram: Program = {
  runs: ({ image }) => /(?:^|\/)proxyv2(?:[:@]|$)/.test(String(image)),
  start,
};

async function start(context: ProgramContext): Promise<RunningProgram> {
  const probers = objectAt(JSON.parse(containerEnv(context).ISTIO_KUBE_APP_PROBERS ?? '{}'));
  const server = createServer((request, response) => {
    const action = dig(probers, request.url ?? '', 'httpGet');
    const answer = (status: number) => {
      response.writeHead(status).end();
    };
    if (action === undefined) {
      answer(request.url === '/healthz/ready' ? 200 : 404);
      return;
    }
    get({ host: context.address, port: numberAt(dig(action, 'port')), path: textAt(dig(action, 'path')), agent: false })
      .once('response', (asked) => {
        asked.resume();
        answer(asked.statusCode ?? 500);
      })
      .once('error', () => answer(500));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(STATUS_PORT, context.address, resolve);
  });
  const { promise: ended, resolve } = Promise.withResolvers<Exit>();
  return {
    ended,
    stop: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      resolve({ code: 0 });
    },
    probe: async () => 200,
  };
}
