import type { Program } from '../../seams.ts';
import { containerOf } from '../container.ts';
import type { WorkloadApi } from '../workload-api.ts';
import { type HelperProcess, startHelper } from './process.ts';

/** Containers of spiffe-helper's image; those that run are in `running`. The image holds that one program and no shell. */
export function helperProgram(running: Set<HelperProcess>, api: WorkloadApi, now: () => number): Program {
  return {
    runs: (_container, pod) => isHelper(pod, _container),
    async start(context) {
      const { container } = containerOf(context.pod, context.ref.container);
      const [program] = container.command;
      if (program !== undefined && !/^(?:\.?\/)spiffe-helper$/.test(program)) throw new Error(notFound(program));
      const helper = await startHelper(context, api, now);
      running.add(helper);
      void helper.ended.then(() => running.delete(helper));
      await helper.step();
      return helper;
    },
  };
}

function isHelper(pod: Parameters<Program['runs']>[1], container: Parameters<Program['runs']>[0]): boolean {
  return typeof container.name === 'string' && containerOf(pod, container.name).container.role === 'spiffe-helper';
}

/** As the container runtime words it. */
function notFound(program: string): string {
  const why = program.includes('/')
    ? `stat ${program}: no such file or directory`
    : 'executable file not found in $PATH';
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${JSON.stringify(program)}: ${why}: unknown`;
}
