import type { JsonObject } from '../../src/evidence/json.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';

/** A demand of the Pod Security Standards as the API server words it, and what fulfils it in a security context. */
const DEMANDS: readonly { readonly words: RegExp; readonly context: JsonObject }[] = [
  { words: /allowPrivilegeEscalation != false \((.*?)\)/, context: { allowPrivilegeEscalation: false } },
  { words: /unrestricted capabilities \((.*?)\)/, context: { capabilities: { drop: ['ALL'] } } },
  { words: /runAsNonRoot != true \((.*?)\)/, context: { runAsNonRoot: true } },
  { words: /seccompProfile \((.*?)\)/, context: { seccompProfile: { type: 'RuntimeDefault' } } },
  { words: /runAsUser=0 \((.*?)\)/, context: { runAsNonRoot: true } },
  { words: /\bprivileged \((.*?)\)/, context: { privileged: false } },
];
/** Every demand begins a list item; what none of `DEMANDS` knows is for people. */
const VIOLATIONS = /violates PodSecurity "[^"]*": ([\s\S]*)$/;

/** The change of the pod's spec that fulfils everything a refusal by Pod Security names; undefined when it names more. */
export function compliance(pod: PodView, said: string): JsonObject | undefined {
  const list = VIOLATIONS.exec(said.slice(0, 4000))?.[1];
  if (list === undefined) return undefined;
  let rest = list;
  const changes = new Map<ContainerView, JsonObject>();
  for (const { words, context } of DEMANDS) {
    const match = words.exec(rest);
    if (!match) continue;
    rest = rest.replace(match[0], '');
    for (const container of namedIn(pod, match[1] ?? ''))
      changes.set(container, { ...changes.get(container), ...context });
  }
  // Commas are all that may be left.
  if (/[A-Za-z]/.test(rest) || changes.size === 0) return undefined;
  const user = pod.containers.find(({ role }) => role === 'haproxy')?.runAsUser ?? pod.fsGroup;
  const patches = (isMain: boolean) =>
    [...changes]
      .filter(([{ place }]) => (place === 'main') === isMain)
      .map(([container, context]) => ({ name: container.name, securityContext: withUser(container, context, user) }));
  const [main, init] = [patches(true), patches(false)];
  return {
    ...(main.length > 0 ? { containers: main } : {}),
    ...(init.length > 0 ? { initContainers: init } : {}),
  };
}

/** `container "a"`, `containers "a", "b"`, `pod or container "a"`; all of them where none is named. */
function namedIn(pod: PodView, words: string): readonly ContainerView[] {
  const [who = ''] = words.split(' must ');
  const names = [...who.matchAll(/"([\w.-]+)"/g)].map(([, name]) => name);
  return names.length === 0 ? pod.containers : pod.containers.filter(({ name }) => names.includes(name));
}

/** An image that runs as root does not start with runAsNonRoot alone: it gets HAProxy's user, who reads the files. */
function withUser({ runAsUser }: ContainerView, context: JsonObject, user: number | null): JsonObject {
  const isRoot = context.runAsNonRoot === true && (runAsUser === null || runAsUser === 0);
  return isRoot && user !== null ? { ...context, runAsUser: user } : context;
}
