import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import { isFresh, RELOADER_SCRIPT, reloadable, reloadCommand, SPIRE_ISSUES } from './fixes.ts';
import type { Fault } from './reloader.ts';
import type { Scene } from './scene.ts';

/** Mends what pushes; and where a rotation has been missed, what brings it to HAProxy now. */
export function reloaderFix(
  scene: Scene,
  fault: Fault & { readonly container: ContainerView | undefined; readonly behind: boolean },
): Fix {
  const { message, container, behind, edit } = fault;
  const { workload, ref } = scene.pod;
  const commands = behind && reloadable(scene).safe ? bringNow(scene, message === 'reloader-down') : [];
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
    impact: commands.some(({ args }) => args[0] === 'rollout') || message !== 'reloader-down' ? 'rollout' : 'reload',
    ...(commands.length > 0
      ? {
          preconditions: [SPIRE_ISSUES],
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

/** A restart where all pods of the workload have the same script and SPIRE issues; else this pod alone, which loses nothing. */
function bringNow(scene: Scene, thisPodOnly: boolean): readonly KubectlCommand[] {
  const restart = thisPodOnly || !isFresh(scene) ? [] : restartOf(scene.pod);
  return restart.length > 0 ? restart : [reloadCommand(scene)];
}
