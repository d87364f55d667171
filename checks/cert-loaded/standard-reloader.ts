import type { KubectlCommand } from '../../src/doctor/check.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { ContainerView } from '../../src/evidence/pod-view.ts';
import { changeTemplate } from '../../src/evidence/workload-change.ts';
import { masterSocket } from './fixes.ts';
import type { Scene } from './scene.ts';

/** Words that mean the same to a shell, to printf and to HAProxy. */
const PLAIN = /^[\w./@+-]+$/;

/**
 * Pushes a new SVID over the master socket and tries again until HAProxy says that it has it. A new trust bundle comes
 * with a reload: that has no limit of size, and reaches servers without a certificate of their own.
 */
function script(file: string, name: string, bundle: string, socket: string): string {
  return [
    `CERT=${file}`,
    `NAME=${name}`,
    `BUNDLE=${bundle}`,
    `SOCK=${socket}`,
    'ask() { socat -t30 stdio "unix-connect:$SOCK"; }',
    'loaded= trusted=',
    'while sleep 5; do',
    '  [ -s "$CERT" ] && [ -s "$CERT.key" ] && [ -s "$BUNDLE" ] || continue',
    '  held=$(cat "$CERT" "$CERT.key" | sha256sum)',
    '  trust=$(sha256sum < "$BUNDLE")',
    '  if [ "$trust" != "$trusted" ]; then',
    '    answer=$(echo reload | ask) || continue',
    '    case $answer in *Success=0*) echo "$answer" ;; *) trusted=$trust loaded=$held ;; esac',
    '  elif [ "$held" != "$loaded" ]; then',
    '    printf "@1 set ssl cert $NAME <<\\n$(cat "$CERT" "$CERT.key" | grep .)\\n\\n" | ask',
    '    answer=$(printf "@1 commit ssl cert $NAME\\n" | ask)',
    '    case $answer in *Success!*) loaded=$held ;; *) echo "$answer" ;; esac',
    '  fi',
    'done',
    '',
  ].join('\n');
}

/** `name`: the certificate in the words of haproxy.cfg. Empty when the pods are made by no template, or a path is unusual. */
export function standardReloader(
  scene: Scene,
  name: string,
  existing: ContainerView | undefined,
): readonly KubectlCommand[] {
  const { pod, svid, bundle } = scene;
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const socket = masterSocket(scene);
  if (!haproxy || ![svid, name, bundle, socket].every((word) => PLAIN.test(word))) return [];
  const files = [svid, bundle, socket];
  const volumeMounts = mountsFor(haproxy, files).map(({ volume, path, subPath }) => ({
    name: volume,
    mountPath: path,
    ...(subPath === undefined ? {} : { subPath }),
    readOnly: false,
  }));
  const runs = {
    image: haproxy.image.text,
    command: ['sh', '-c'],
    args: [script(svid, name, bundle, socket)],
    volumeMounts,
  };
  const user =
    haproxy.runAsUser === null ? {} : { runAsUser: haproxy.runAsUser, runAsNonRoot: haproxy.runAsUser !== 0 };
  const added = {
    name: freeName(scene),
    ...runs,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...user },
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  };
  if (!existing) return changeTemplate(pod, { containers: [added] });
  const list = existing.place === 'main' ? 'containers' : 'initContainers';
  return changeTemplate(pod, {
    [list]: [{ name: existing.name, ...runs, volumeMounts: [...volumeMounts, ...inTheWay(existing, haproxy, files)] }],
  });
}

function mountsFor(haproxy: ContainerView, paths: readonly string[]) {
  const mounts = paths.flatMap((path) => mountOf(haproxy, path)?.mount ?? []);
  return [...new Set(mounts)];
}

/** Mounts of its own under which a container finds other files than HAProxy: a strategic merge leaves them unless told. */
function inTheWay(container: ContainerView, haproxy: ContainerView, files: readonly string[]) {
  const good = mountsFor(haproxy, files).map(({ path }) => path);
  const covering = files.flatMap((path) => mountOf(container, path)?.mount.path ?? []);
  return [...new Set(covering)]
    .filter((path) => !good.includes(path))
    .map((path) => ({ mountPath: path, $patch: 'delete' }));
}

function freeName({ pod }: Scene): string {
  const names = pod.containers.map(({ name }) => name);
  let name = 'cert-reloader';
  for (let count = 2; names.includes(name); count += 1) name = `cert-reloader-${count}`;
  return name;
}
