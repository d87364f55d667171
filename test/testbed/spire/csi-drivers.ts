import { flagOf } from '../../../src/evidence/spire/agent-config.ts';
import { hostPathOf } from '../../../src/evidence/spire/agent-daemon-sets.ts';
import { textAt } from '../cluster/fields.ts';
import type { Program } from '../seams.ts';
import { containerOf, imageName } from './container.ts';
import { longRunning } from './long-running.ts';

/** What SPIFFE CSI drivers mount: the directory of a node that each was told. */
export interface CsiDrivers {
  readonly program: Program;
  /** Directory on the node behind volumes of this driver; undefined: no such driver ran there yet. */
  readonly directoryOf: (driver: string, node: string) => string | undefined;
}

export function csiDrivers(): CsiDrivers {
  // A mount stays what it is when the driver's pod ends.
  const directories = new Map<string, string>();
  return {
    directoryOf: (driver, node) => directories.get(`${node} ${driver}`),
    program: {
      runs: (container) => /spiffe-csi/.test(imageName(container)),
      async start(context) {
        const { pod, container } = containerOf(context.pod, context.ref.container);
        const driver = flagOf(container, 'plugin-name') ?? 'csi.spiffe.io';
        const inContainer = flagOf(container, 'workload-api-socket-dir');
        const directory = inContainer === undefined ? undefined : hostPathOf(pod, container, inContainer);
        if (directory !== undefined) directories.set(`${textAt(context.pod, 'spec', 'nodeName')} ${driver}`, directory);
        context.log(`INFO\tStarting.\t{"version": "${container.image.tag ?? ''}", "pluginName": "${driver}"}`);
        return longRunning();
      },
    },
  };
}
