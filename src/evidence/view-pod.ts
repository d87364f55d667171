import { isSpiffeDriver, roleOf } from './container-role.ts';
import { parseImageRef } from './image-ref.ts';
import { dig, flagAt, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from './json.ts';
import { managerOf } from './owner.ts';
import { viewProbes } from './pod-probes.ts';
import { viewStatuses } from './pod-status.ts';
import type { ContainerPlace, ContainerView, EnvView, MountView, PodView, VolumeView } from './pod-view.ts';
import type { ObjectRef } from './reading.ts';
import { type CollectedObject, fieldPath } from './snapshot.ts';
import { refOf } from './world.ts';

const views = new WeakMap<CollectedObject, PodView>();

/**
 * Reads a Pod, or the pod template of a Deployment, DaemonSet, StatefulSet, ReplicaSet or Job. Never throws. What was
 * collected does not change, so that it is read once.
 */
export function viewPod(collected: CollectedObject, workload?: ObjectRef): PodView {
  const before = views.get(collected);
  const view = before ?? readPod(collected);
  if (before === undefined) views.set(collected, view);
  return workload === undefined ? view : { ...view, workload };
}

function readPod(collected: CollectedObject): PodView {
  const { object } = collected;
  const isPod = object.kind === 'Pod';
  const template = isPod ? object : objectAt(dig(object, 'spec', 'template'));
  const prefix = isPod ? ['spec'] : ['spec', 'template', 'spec'];
  const spec = objectAt(template.spec);
  const volumes = listAt(spec.volumes).map((volume, index) =>
    viewVolume(objectAt(volume), fieldPath(...prefix, 'volumes', index)),
  );
  const manager = managerOf(object);
  const timestamps = {
    ...optional('createdAt', timeAt(dig(object, 'metadata', 'creationTimestamp'))),
    ...optional('startedAt', timeAt(dig(object, 'status', 'startTime'))),
  };
  const conditions = listAt(dig(object, 'status', 'conditions')).map((condition) => {
    const { type, status, reason, message, lastTransitionTime } = objectAt(condition);
    return {
      type: textAt(type) ?? '',
      status: textAt(status) ?? '',
      reason: textAt(reason) ?? '',
      message: textAt(message) ?? '',
      ...optional('since', timeAt(lastTransitionTime)),
    };
  });
  return {
    ref: refOf(object),
    from: isPod ? 'pod' : 'template',
    workload: refOf(object),
    ...optional('uid', textAt(dig(object, 'metadata', 'uid'))),
    labels: textsAt(dig(template, 'metadata', 'labels')),
    annotations: textsAt(dig(template, 'metadata', 'annotations')),
    serviceAccount: textAt(spec.serviceAccountName) || 'default',
    ...optional('node', textAt(spec.nodeName)),
    hostNetwork: flagAt(spec.hostNetwork) ?? false,
    hostPid: flagAt(spec.hostPID) ?? false,
    shareProcessNamespace: flagAt(spec.shareProcessNamespace) ?? false,
    fsGroup: numberAt(dig(spec, 'securityContext', 'fsGroup')) ?? null,
    containers: viewContainers(object, spec, prefix, volumes),
    volumes,
    ...timestamps,
    ...optional('phase', textAt(dig(object, 'status', 'phase'))),
    ...(isPod ? { ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True') } : {}),
    deleting: dig(object, 'metadata', 'deletionTimestamp') !== undefined,
    conditions,
    ...optional('managedBy', manager),
    ...(collected.file === undefined ? {} : { source: { file: collected.file, lines: collected.lines ?? {} } }),
    raw: object,
  };
}

/** Epoch milliseconds of an RFC 3339 time; undefined for anything else. */
export function timeAt(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function viewContainers(
  object: JsonObject,
  spec: JsonObject,
  prefix: readonly string[],
  volumes: readonly VolumeView[],
): ContainerView[] {
  const spiffeVolumes = volumes
    .filter((volume) => volume.type === 'csi' && isSpiffeDriver(volume.driver))
    .map(({ name }) => name);
  const statuses = viewStatuses(object);
  const viewsOf = (key: 'initContainers' | 'containers') =>
    listAt(spec[key]).map((item, index) => {
      const container = objectAt(item);
      const place: ContainerPlace =
        key === 'containers' ? 'main' : container.restartPolicy === 'Always' ? 'native-sidecar' : 'init';
      const path = fieldPath(...prefix, key, index);
      const view = viewContainer(container, spec, place, path, spiffeVolumes);
      const status = statuses.get(view.name);
      return status ? { ...view, status } : view;
    });
  const containers = [...viewsOf('initContainers'), ...viewsOf('containers')];
  // A HAPTIC image beside HAProxy is its agent; alone it is the controller.
  const withHaproxy = containers.some(({ role }) => role === 'haproxy');
  return containers.map((view) =>
    withHaproxy && view.role === 'controller' ? { ...view, role: 'haptic-agent' } : view,
  );
}

function viewContainer(
  container: JsonObject,
  spec: JsonObject,
  place: ContainerPlace,
  path: string,
  spiffeVolumes: readonly string[],
): ContainerView {
  const image = parseImageRef(textAt(container.image) ?? '');
  const command = strings(container.command);
  const args = strings(container.args);
  const mounts = listAt(container.volumeMounts).map((mount, index) =>
    viewMount(objectAt(mount), `${path}.volumeMounts[${index}]`),
  );
  const ports = listAt(container.ports).flatMap((port) => {
    const { name, containerPort } = objectAt(port);
    const number = numberAt(containerPort);
    return number === undefined ? [] : [{ ...optional('name', textAt(name)), port: number }];
  });
  const own = objectAt(container.securityContext);
  const pod = objectAt(spec.securityContext);
  return {
    name: textAt(container.name) ?? '',
    role: roleOf({
      image,
      command,
      args,
      portNames: ports.flatMap(({ name }) => (name === undefined ? [] : [name])),
      mountsSpiffeVolume: mounts.some(({ volume }) => spiffeVolumes.includes(volume)),
    }),
    place,
    path,
    image,
    command,
    args,
    env: listAt(container.env).map(viewEnv),
    mounts,
    ports,
    probes: viewProbes(container, spec, path, ports),
    runAsUser: numberAt(own.runAsUser) ?? numberAt(pod.runAsUser) ?? null,
    runAsGroup: numberAt(own.runAsGroup) ?? numberAt(pod.runAsGroup) ?? null,
    runAsNonRoot: flagAt(own.runAsNonRoot) ?? flagAt(pod.runAsNonRoot) ?? null,
    resources: {
      requests: quantities(dig(container, 'resources', 'requests')),
      limits: quantities(dig(container, 'resources', 'limits')),
    },
  };
}

function viewEnv(item: unknown): EnvView {
  const { name, endpoint } = objectAt(item);
  const { scheme, path } = objectAt(endpoint);
  const known = scheme === 'unix' || scheme === 'tcp' || scheme === 'none' ? scheme : undefined;
  return { name: textAt(name) ?? '', ...(known ? { endpoint: { scheme: known, path: textAt(path) ?? '' } } : {}) };
}

function viewMount(mount: JsonObject, field: string): MountView {
  const subPath = textAt(mount.subPath);
  return {
    volume: textAt(mount.name) ?? '',
    path: textAt(mount.mountPath) ?? '',
    ...(subPath ? { subPath } : {}),
    readOnly: flagAt(mount.readOnly) ?? false,
    field,
  };
}

function viewVolume(volume: JsonObject, field: string): VolumeView {
  const base = { name: textAt(volume.name) ?? '', field };
  const { csi, configMap, secret, hostPath } = volume;
  if (csi !== undefined) {
    const { driver, readOnly, fsType, volumeAttributes } = objectAt(csi);
    const hasOptions = fsType !== undefined || Object.keys(objectAt(volumeAttributes)).length > 0;
    return { ...base, type: 'csi', driver: textAt(driver) ?? '', readOnly: flagAt(readOnly) ?? false, hasOptions };
  }
  if (configMap !== undefined) {
    const { name, optional: isOptional, defaultMode, items } = objectAt(configMap);
    return {
      ...base,
      type: 'configMap',
      configMap: textAt(name) ?? '',
      optional: flagAt(isOptional) ?? false,
      defaultMode: numberAt(defaultMode) ?? 0o644,
      items: listAt(items).map((item) => {
        const { key, path, mode } = objectAt(item);
        return { key: textAt(key) ?? '', path: textAt(path) ?? '', ...optional('mode', numberAt(mode)) };
      }),
    };
  }
  if (secret !== undefined) {
    const { secretName, defaultMode } = objectAt(secret);
    return { ...base, type: 'secret', secret: textAt(secretName) ?? '', defaultMode: numberAt(defaultMode) ?? 0o644 };
  }
  if (volume.emptyDir !== undefined) return { ...base, type: 'emptyDir' };
  if (hostPath !== undefined) return { ...base, type: 'hostPath', path: textAt(objectAt(hostPath).path) ?? '' };
  return { ...base, type: 'other', source: Object.keys(volume).find((key) => key !== 'name') ?? '' };
}

function strings(value: unknown): string[] {
  return listAt(value).flatMap((item) => (typeof item === 'string' ? [item] : []));
}

function quantities(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, quantity] of Object.entries(objectAt(value))) {
    if (typeof quantity === 'string' || typeof quantity === 'number') texts[key] = String(quantity);
  }
  return texts;
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: T });
}
