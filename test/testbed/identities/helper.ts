import { containerCommand, containerSandbox } from '../sandbox/container.ts';
import { forwardLines } from '../sandbox/forward-lines.ts';
import type { Program } from '../seams.ts';
import { containerOf } from '../spire/container.ts';
import { inSandbox } from './in-sandbox.ts';
import { REAL } from './requirements.ts';

const PROGRAM = '/spiffe-helper';

/** The real spiffe-helper with its container's arguments and mounts. */
export const realHelper: Program = {
  runs: (container, pod) =>
    typeof container.name === 'string' && containerOf(pod, container.name).container.role === 'spiffe-helper',
  async start(context) {
    const sandbox = await containerSandbox(context, {
      mounts: [{ from: REAL.helper, at: PROGRAM, readOnly: true }],
    });
    const command = sandbox.run([PROGRAM, ...containerCommand(context)], '');
    return inSandbox(sandbox, command, forwardLines(command, context.log), {
      probe: (port, path) => probe(context.address, port, path),
    });
  },
};

async function probe(address: string, port: number, path: string): Promise<number | 'refused'> {
  try {
    const { status } = await fetch(`http://${address}:${port}${path}`, { signal: AbortSignal.timeout(1_000) });
    return status;
  } catch {
    return 'refused';
  }
}
