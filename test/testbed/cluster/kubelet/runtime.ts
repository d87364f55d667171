import type { ContainerRef, PodRuntime } from '../../seams.ts';
import type { PodSeat } from './pod-seat.ts';

/** What the kubelets answer about the pods on their nodes. */
export function podRuntime(
  seatOf: (namespace: string, pod: string) => PodSeat | undefined,
  isUp: (node: string) => boolean,
): PodRuntime {
  const slotAt = (ref: ContainerRef) => {
    const seat = seatOf(ref.namespace, ref.pod);
    return seat && isUp(seat.node) ? seat.slots.get(ref.container) : undefined;
  };
  return {
    log: (ref, previous) => {
      const slot = slotAt(ref);
      const log = previous ? slot?.previousLog : slot?.log;
      return log && { lines: log.lines, follow: log.follow };
    },
    exec: async (ref, command) => {
      const node = seatOf(ref.namespace, ref.pod)?.node;
      if (node !== undefined && !isUp(node))
        return { refused: `error dialing backend: dial tcp: ${node}:10250: i/o timeout` };
      const slot = slotAt(ref);
      if (slot?.state.is !== 'running' || slot.exit) return { refused: `container not found ("${ref.container}")` };
      const { sandbox } = slot.state.program;
      return sandbox ? sandbox.run(command) : { refused: notFound(command[0] ?? '') };
    },
    address: (namespace, pod, port) => {
      const seat = seatOf(namespace, pod);
      return seat?.initialised && isUp(seat.node) ? { host: seat.address, port } : undefined;
    },
  };
}

/** runc's words for a program that an image without a shell does not have. */
function notFound(program: string): string {
  const why = program.startsWith('/')
    ? `stat ${program}: no such file or directory`
    : 'executable file not found in $PATH';
  return `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": ${why}: unknown`;
}
