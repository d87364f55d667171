import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';
import { RELOADER_SCRIPT, reloadable, reloadCommand } from './fixes.ts';
import type { Fault } from './reloader.ts';
import type { Scene } from './scene.ts';

/** Mends what pushes; and where a rotation has been missed, what brings it to HAProxy now. */
export function reloaderFix(
  scene: Scene,
  fault: Fault & { readonly container: ContainerView | undefined; readonly behind: boolean },
): Fix {
  const { message, container, behind, edit } = fault;
  const { workload, ref } = scene.pod;
  const commands =
    behind && reloadable(scene).safe ? [message === 'reloader-down' ? reloadCommand(scene) : restart(scene)] : [];
  const object = `${workload.kind} ${workload.namespace === undefined ? '' : `${workload.namespace}/`}${workload.name}`;
  const change = edit && container ? { edit: { file: `${object}, ${container.path}`, ...edit } } : {};
  return {
    summary: summaryOf(fault, object, ref.name),
    ...(commands.length > 0 ? { commands } : {}),
    ...change,
    durable:
      message === 'socket-level'
        ? 'the command of container haproxy: -S /etc/haproxy/haproxy-master.sock,level,admin'
        : RELOADER_SCRIPT,
    impact: message === 'reloader-down' ? 'reload' : 'rollout',
    ...(commands.length > 0
      ? {
          preconditions: [
            'the SVID on disk is valid, as it was when this was judged: new pods get theirs from the same SPIRE',
          ],
        }
      : { manual: 'the containers belong to the release’s values' }),
  };
}

function summaryOf(
  { message, data, container }: Fault & { readonly container: ContainerView | undefined },
  object: string,
  pod: string,
): string {
  const name = container?.name ?? '';
  if (message === 'no-reloader') return `Add a container to ${object} that pushes rotated SVIDs.`;
  if (message === 'reloader-down') return `Get container ${name} of pod ${pod} running again.`;
  if (message === 'not-routed')
    return `Put @1 before every command that container ${name} sends, one command a connection.`;
  if (message === 'wrong-socket') return `Let container ${name} use ${String(data.expected)}.`;
  if (message === 'socket-level') return 'Start HAProxy with level admin on its master socket.';
  return `Let container ${name} name the files exactly as haproxy.cfg does, on the volume that HAProxy reads.`;
}

/** One command for all pods of the workload: a script is the same in every one of them. */
function restart({ pod: { workload } }: Scene): KubectlCommand {
  const args = ['rollout', 'restart', `${workload.kind.toLowerCase()}/${workload.name}`];
  return workload.namespace === undefined ? { args } : { namespace: workload.namespace, args };
}
