import { readField } from '../../scenario/field-edit.ts';
import type { HaproxyRelease, KubeObject, Mount, ProgramContext } from '../seams.ts';
import { type ProcessSandbox, startSandbox } from './start.ts';

/** What a container's sandbox has beyond what its pod says. */
export interface ContainerExtras {
  readonly haproxy?: HaproxyRelease;
  /** Programs that the image lacks. */
  readonly without?: readonly string[];
  readonly mounts?: readonly Mount[];
}

/** A sandbox with the container's mounts, user and environment. */
export function containerSandbox(context: ProgramContext, extras: ContainerExtras = {}): Promise<ProcessSandbox> {
  const { namespace, pod, container } = context.ref;
  return startSandbox({
    id: `${namespace}-${pod}-${container}`,
    mounts: [...context.mounts, ...(context.nodeMounts ?? []), ...(extras.mounts ?? [])],
    credentials: context.credentials,
    env: containerEnv(context),
    ...(extras.haproxy && { haproxy: extras.haproxy }),
    ...(extras.without && { without: extras.without }),
  });
}

/** The container's variables as far as its pod holds them, and the pod's address in HAPTIC_POD_IP. */
export function containerEnv({
  container,
  pod,
  address,
}: Pick<ProgramContext, 'container' | 'pod' | 'address'>): Record<string, string> {
  const env: Record<string, string> = {
    HOSTNAME: text(readField(pod, 'metadata.name')),
    HAPTIC_POD_IP: address,
  };
  for (const entry of list(container.env)) {
    const field = text(readField(entry, 'valueFrom.fieldRef.fieldPath'));
    env[text(entry.name)] =
      expanded(text(entry.value), env) || (field === 'status.podIP' ? address : fieldOf(pod, field));
  }
  return env;
}

/** Command and arguments with `$(NAME)` put in as a kubelet does: what names no variable stays as it is. */
export function containerCommand(context: Pick<ProgramContext, 'container' | 'pod' | 'address'>): readonly string[] {
  const env = containerEnv(context);
  const words = (key: string) => {
    const value = context.container[key];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return [...words('command'), ...words('args')].map((word) => expanded(word, env));
}

function expanded(word: string, env: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$(\$|\(([\w.-]+)\))/g, (all, first: string, name?: string) =>
    first === '$' ? '$' : (env[name ?? ''] ?? all),
  );
}

function fieldOf(pod: KubeObject, path: string): string {
  if (!/^(?:metadata|spec|status)\.[\w.]+$/.test(path)) return '';
  return text(readField(pod, path));
}

function list(value: unknown): readonly KubeObject[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
