import { below, cleanPath } from '../../../src/evidence/mount-paths.ts';
import { hostPathOf } from '../../../src/evidence/spire/agent-daemon-sets.ts';
import { textAt, textListAt } from '../cluster/fields.ts';
import type { Program } from '../seams.ts';
import { containerOf } from './container.ts';
import { longRunning } from './long-running.ts';

/** Which directories of nodes SELinux lets containers use. */
export interface Labels {
  /** `chcon -Rvt container_file_t DIRECTORY`, as init containers run it. */
  readonly program: Program;
  readonly allows: (node: string, directory: string) => boolean;
}

const FOR_CONTAINERS = 'container_file_t';

export function selinuxLabels(): Labels {
  const labelled = new Map<string, Set<string>>();
  return {
    program: {
      runs: (container) => textListAt(container, 'command')[0] === 'chcon',
      async start(context) {
        const { pod, container } = containerOf(context.pod, context.ref.container);
        const [type, ...paths] = [...container.command.slice(1), ...container.args].filter(
          (word) => !word.startsWith('-'),
        );
        const node = textAt(context.pod, 'spec', 'nodeName');
        const known = labelled.get(node) ?? new Set<string>();
        labelled.set(node, known);
        for (const path of type === FOR_CONTAINERS ? paths : []) {
          const directory = hostPathOf(pod, container, cleanPath(path));
          if (directory !== undefined) known.add(directory);
        }
        const done = longRunning();
        done.end({ code: 0 });
        return done;
      },
    },
    allows: (node, directory) =>
      [...(labelled.get(node) ?? [])].some((known) => known === directory || below(known, directory) !== undefined),
  };
}
