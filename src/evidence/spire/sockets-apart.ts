import { posix } from 'node:path';
import type { SocketsApart } from '../facts/workload-api.ts';
import { mountOf } from '../mount-paths.ts';
import type { World } from '../world.ts';
import { DEFAULT_SOCKET_PATH, flagOf } from './agent-config.ts';
import { type DaemonSetOf, hostPathOf, onlyAgent } from './agent-daemon-sets.ts';
import { agentConfigOf } from './agent-sockets.ts';

/** Where the only agent's sockets are on the node, for a driver that mounts another directory. */
export function socketsApart(world: World, csi: DaemonSetOf): SocketsApart | undefined {
  const agent = onlyAgent(world);
  const flag = flagOf(csi.container, 'workload-api-socket-dir');
  const volume = flag === undefined ? undefined : mountOf(csi.container, flag)?.mount.volume;
  if (agent === undefined || volume === undefined) return undefined;
  const config = agentConfigOf(world, agent);
  if (config.state !== 'known') return undefined;
  const { socketPath = DEFAULT_SOCKET_PATH } = config.value;
  const socket = hostPathOf(agent.view, agent.container, socketPath);
  return socket === undefined ? undefined : { agent: agent.ref, directory: posix.dirname(socket), volume };
}
