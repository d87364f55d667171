import { nameOf } from '../../evidence/world.ts';
import { listObjects } from './api.ts';
import { startBudget } from './budget.ts';
import { Caller } from './call.ts';
import { connect } from './connection.ts';
import { loadKubeConfigClass } from './kube-config-class.ts';
import { readKubeconfig } from './kubeconfig.ts';
import type { ConnectionFlags, LiveIo } from './request.ts';
import { NAMESPACES } from './resources.ts';
import { ServerClock } from './server-clock.ts';

/** Names of one sort of entry in the kubeconfig, each once. Asks no cluster. */
export async function namesInKubeconfig(
  sort: 'contexts' | 'clusters' | 'users',
  file: string | undefined,
  io: Pick<LiveIo, 'env'>,
): Promise<readonly string[]> {
  const config = await readKubeconfig(await loadKubeConfigClass(), file, io);
  return [...new Set((config?.[sort] ?? []).map(({ name }) => name))];
}

/** Names of the namespaces, or none when these cannot be had in time. Throws `CannotRun` without a cluster to ask. */
export async function namespaceNames(
  { connection: flags, timeoutMs }: { readonly connection: ConnectionFlags; readonly timeoutMs: number },
  io: LiveIo,
): Promise<readonly string[]> {
  const budget = startBudget(timeoutMs, io);
  try {
    const connection = await connect(flags, { ...io, signal: budget.signal });
    try {
      const settings = { budget, clock: new ServerClock(io.now), timeoutMs, concurrency: 1 };
      const { objects } = await listObjects(new Caller(connection, io, settings), NAMESPACES, undefined, nameOf);
      return objects;
    } finally {
      connection.close();
    }
  } finally {
    budget.close();
  }
}
