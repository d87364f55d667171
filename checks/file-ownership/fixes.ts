import type { Fix } from '../../src/doctor/check.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { changeTemplate } from '../../src/evidence/workload-change.ts';

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
    summary: `Let ${names || 'the containers that touch the SVID'} run as UID ${uid}, as HAProxy does.`,
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
    ...(others.length === 0
      ? { manual: 'the pod template already says so: see which of its pods are older than the template' }
      : {}),
    durable:
      'securityContext.runAsUser of the containers in haproxy.initContainers and haproxy.sidecars of the Helm values',
    impact: 'rollout',
  };
}

/** Helpers, reloaders, and init containers that make directories for them. */
function hasPart({ role, place, command, args }: ContainerView): boolean {
  return (
    role === 'spiffe-helper' ||
    role === 'cert-reloader' ||
    (place === 'init' && /\b(?:mkdir|install)\b/.test([...command, ...args].join(' ')))
  );
}
