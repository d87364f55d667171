import type { Fix } from '../../src/doctor/check.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView, VolumeView } from '../../src/evidence/pod-view.ts';
import { changeTemplate, restartOf } from '../../src/evidence/workload-change.ts';

/** Containers that write or read the SVID run as the user of HAProxy. */
export function alignUsers(pod: PodView, uid: number): Fix {
  const others = pod.containers.filter((container) => hasPart(container) && container.runAsUser !== uid);
  const patches = (place: 'main' | 'init') =>
    others
      .filter((container) => (container.place === 'main') === (place === 'main'))
      .map(({ name }) => ({ name, securityContext: { runAsUser: uid } }));
  const main = patches('main');
  const init = patches('init');
  const spec = {
    ...(main.length > 0 ? { containers: main } : {}),
    ...(init.length > 0 ? { initContainers: init } : {}),
  };
  const [first] = others;
  const { file, line } = fieldOrigin(pod, `${first?.path ?? 'spec'}.securityContext.runAsUser`);
  const names = others.map(({ name }) => name).join(', ');
  return {
    summary:
      others.length === 0
        ? `Make the pods anew: by their template the containers that touch the SVID run as UID ${uid}, as HAProxy does.`
        : `Let ${names} run as UID ${uid}, as HAProxy does.`,
    ...(file === undefined
      ? others.length > 0
        ? { commands: changeTemplate(pod, spec) }
        : {}
      : {
          edit: {
            file,
            ...(line === undefined ? {} : { line }),
            ...(first?.runAsUser == null ? {} : { before: `runAsUser: ${first.runAsUser}` }),
            after: `runAsUser: ${uid}`,
          },
        }),
    ...(others.length === 0 ? anew(pod) : {}),
    durable:
      'securityContext.runAsUser of the containers in haproxy.initContainers and haproxy.sidecars of the Helm values',
    impact: 'rollout',
  };
}

/** The template already says so: pods that are older than it, and files that keep the owner they were made with, go. */
function anew(pod: PodView): Pick<Fix, 'commands' | 'manual' | 'preconditions'> {
  const commands = pod.source ? [] : restartOf(pod);
  return commands.length > 0
    ? { commands, preconditions: ['SPIRE issues SVIDs: a new pod starts without one'] }
    : { manual: 'the pod template already says so: see which of its pods are older than the template' };
}

/** An emptyDir instead of the volume: nobody else reaches it, whatever modes the files have. */
export function ofItsOwn(pod: PodView, volume: VolumeView): Pick<Fix, 'commands' | 'manual' | 'preconditions'> {
  const source = volume.type === 'other' ? volume.source : volume.type;
  const own = { volumes: [{ name: volume.name, emptyDir: {}, [source]: null }] };
  const commands = pod.source ? [] : changeTemplate(pod, own);
  return commands.length > 0
    ? {
        commands,
        preconditions: [
          `nothing else needs volume ${volume.name} to outlive the pod`,
          'SPIRE issues SVIDs: a new pod starts without one',
        ],
      }
    : { manual: 'where the volume comes from is for you to say' };
}

/** Helpers, reloaders, and init containers that make directories for them. */
function hasPart({ role, place, command, args }: ContainerView): boolean {
  return (
    role === 'spiffe-helper' ||
    role === 'cert-reloader' ||
    (place === 'init' && /\b(?:mkdir|install)\b/.test([...command, ...args].join(' ')))
  );
}
