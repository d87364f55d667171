import type { Platform } from '../platform.ts';
import type { Program } from '../seams.ts';
import { imageName } from './container.ts';
import { logrusLine } from './logrus.ts';
import { longRunning } from './long-running.ts';

/** The container spire-server; namespaces of those that run are in `running`. */
export function serverProgram(
  running: Set<{ readonly namespace: string }>,
  platform: Platform,
  now: () => number,
): Program {
  return {
    runs: (container) => imageName(container) === 'spire-server',
    async start(context) {
      const server = { namespace: context.ref.namespace };
      running.add(server);
      context.log(
        logrusLine(now(), 'info', 'Starting Server APIs', {
          address: '[::]:8081',
          network: 'tcp',
          subsystem_name: 'endpoints',
        }),
      );
      return longRunning(
        () => running.delete(server),
        async () => (platform.spire.server === 'reachable' ? 200 : 'refused'),
      );
    },
  };
}
