import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import { isFresh, RELOADER_SCRIPT, reloadable, reloadCommand, SPIRE_ISSUES } from './fixes.ts';
import type { Fault } from './reloader.ts';
import type { Scene } from './scene.ts';
import { standardReloader } from './standard-reloader.ts';

/**
 * Mends what pushes; and where a rotation has been missed, brings it to HAProxy now. `name`: the SVID in the words of
 * haproxy.cfg.
 */
export function reloaderFix(
  scene: Scene,
  fault: Fault & { readonly container: ContainerView | undefined; readonly behind: boolean },
  name: string,
): Fix {
  const { message, container, behind, edit } = fault;
  const { workload, ref } = scene.pod;
  // New pods start without an SVID: where nothing shows that SPIRE issues, what is on disk is all there is to bring.
  const onlyNow = behind && !isFresh(scene);
  const lasting = scene.at.fromFiles || onlyNow ? [] : lastingChange(scene, fault, name);
  const commands = lasting.length === 0 && behind && reloadable(scene).safe ? [reloadCommand(scene)] : lasting;
  const object = `${workload.kind} ${workload.namespace === undefined ? '' : `${workload.namespace}/`}${workload.name}`;
  const change = edit && container ? { edit: { file: `${object}, ${container.path}`, ...edit } } : {};
  const replaced =
    message === 'socket-level' || !container ? [] : [`container ${container.name} only pushes certificates`];
  return {
    summary: summaryOf(fault, object, ref.name),
    ...(commands.length > 0 ? { commands } : {}),
    ...change,
    durable:
      message === 'socket-level'
        ? 'the command of container haproxy: -S /etc/haproxy/haproxy-master.sock,level,admin'
        : RELOADER_SCRIPT,
    impact: lasting.length > 0 || message !== 'reloader-down' ? 'rollout' : 'reload',
    ...(lasting.length > 0 ? { preconditions: [SPIRE_ISSUES, ...replaced] } : {}),
    ...(commands.length === 0 ? { manual: 'the containers belong to the release’s values' } : {}),
  };
}

function lastingChange(
  scene: Scene,
  { message, container }: Fault & { readonly container: ContainerView | undefined },
  name: string,
): readonly KubectlCommand[] {
  return message === 'socket-level' ? adminSocket(scene) : standardReloader(scene, name, container);
}

function adminSocket({ pod }: Scene): readonly KubectlCommand[] {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const raised = (words: readonly string[]) =>
    words.map((word) => word.replace(/(,level,)(?:user|operator)\b/g, '$1admin'));
  return haproxy
    ? changeTemplate(
        pod,
        containerPatch(haproxy, {
          ...(haproxy.command.length > 0 ? { command: raised(haproxy.command) } : {}),
          ...(haproxy.args.length > 0 ? { args: raised(haproxy.args) } : {}),
        }),
      )
    : [];
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
