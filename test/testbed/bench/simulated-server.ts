import process from 'node:process';
import { startApiServer } from '../../live/api-server/server.ts';
import { healthyCluster, withHaproxyPods } from '../../live/cluster.ts';
import { startNetwork } from './network.ts';

// A process of its own: what the API server takes of memory and time is not the doctor's.
const [, , pods = '1', latency = '0'] = process.argv;
const healthy = await healthyCluster();
const server = await startApiServer({
  ...healthy,
  objects: withHaproxyPods(healthy.objects, Number(pods)),
  log: ({ pod, ...target }) =>
    healthy.log({ ...target, pod: pod.startsWith('haptic-haproxy-') ? 'haptic-haproxy-0' : pod }),
});
const network = await startNetwork(Number(new URL(server.url).port), Number(latency));
process.on('message', () => process.send?.({ requests: server.requests.length }));
process.send?.({ kubeconfig: server.kubeconfig().replace(server.url, `https://localhost:${network.port}`) });
