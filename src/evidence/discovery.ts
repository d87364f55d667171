import type { Installation, Intent } from './facts/installation.ts';
import { dig, numberAt, textAt } from './json.ts';
import { matchesSelector } from './label-selector.ts';
import type { PodView } from './pod-view.ts';
import { known, type Reading, unknown } from './reading.ts';
import { configOfRelease, type ReleaseWorkloads } from './release-config.ts';
import type { CollectedObject } from './snapshot.ts';
import { looksLikeMtlsSnippet, MTLS_ANNOTATION, snippetTemplates } from './snippet-signs.ts';
import { refKey, type Subject, sameRef } from './subject.ts';
import { type WorkloadView, workloadsOf } from './workloads.ts';
import { originOf, refOf, type World } from './world.ts';

/** Everything of HAPTIC that a snapshot shows. */
export interface Discovery {
  readonly installations: readonly Installation[];
  /** Installations, HAProxy pods and controller pods; ingresses are added where their facts are read. */
  readonly subjects: readonly Subject[];
  readonly notes: readonly string[];
}

/** Finds HAPTIC by what containers run, never by names alone; memoised. */
export function discover(world: World): Discovery {
  return world.memo('discovery', () => {
    const groups = groupByRelease(world);
    const installations = groups.map((group) => describe(world, group, groups));
    const subjects: Subject[] = [];
    const notes: string[] = [];
    for (const [index, group] of groups.entries()) {
      const installation = installations[index];
      if (!installation) continue;
      subjects.push({ type: 'installation', ref: installation.ref, installation: installation.ref });
      for (const [type, workloads] of [
        ['haproxy-pod', group.haproxy] as const,
        ['controller-pod', group.controllers] as const,
      ]) {
        for (const workload of workloads) {
          for (const pod of subjectsOf(workload)) {
            subjects.push({
              type,
              ref: pod.ref,
              installation: installation.ref,
              ...(pod.node === undefined ? {} : { node: pod.node }),
            });
          }
          if (workload.leftovers.length > 0) {
            notes.push(
              `${workload.leftovers.length} ended or terminating pod(s) of ${workload.ref.kind} ${workload.ref.namespace}/${workload.ref.name} were not examined`,
            );
          }
        }
      }
      if (installation.generation === '0.2+') {
        notes.push(
          `release ${installation.release} runs HAPTIC's agent container (0.2 or newer), whose shapes this version knows from documentation only`,
        );
      }
    }
    return { installations, subjects, notes };
  });
}

/** The release that a subject belongs to. */
export function installationOf(world: World, subject: Subject): Reading<Installation> {
  const installation = discover(world).installations.find(
    ({ ref }) => subject.installation !== undefined && sameRef(ref, subject.installation),
  );
  return installation
    ? known(installation, { object: installation.ref })
    : unknown('no-evidence', 'it belongs to no HAPTIC release that was seen');
}

/** One subject a pod; a workload without current pods stands for the pods that it cannot make. */
function subjectsOf(workload: WorkloadView): readonly PodView[] {
  if (workload.pods.length === 0) return [workload.template];
  // Without the workload itself one of its pods is the template.
  return workload.hasCurrentPods || !workload.collected ? workload.pods : [...workload.pods, workload.template];
}

function groupByRelease(world: World): readonly ReleaseWorkloads[] {
  const groups = new Map<string, ReleaseWorkloads>();
  const configs = world.list('HAProxyTemplateConfig').items;
  for (const workload of workloadsOf(world)) {
    const isController = workload.template.containers.some(({ role }) => role === 'controller');
    if (!isController && !runsHapticHaproxy(workload, configs)) continue;
    const namespace = workload.ref.namespace ?? 'default';
    const instance = instanceOf(workload);
    const key = `${namespace}/${instance}`;
    const group = groups.get(key) ?? { namespace, instance, haproxy: [], controllers: [] };
    (isController ? group.controllers : group.haproxy).push(workload);
    groups.set(key, group);
  }
  return mergeHalves([...groups.values()]);
}

/** GitOps tools relabel objects: halves of one release in one namespace still belong together. */
function mergeHalves(groups: readonly ReleaseWorkloads[]): readonly ReleaseWorkloads[] {
  const merged: ReleaseWorkloads[] = [];
  for (const group of groups) {
    const others = groups.filter(({ namespace }) => namespace === group.namespace);
    const partner = others.length === 2 ? others.find((other) => other !== group) : undefined;
    const complementary =
      partner !== undefined &&
      ((group.haproxy.length === 0 && partner.controllers.length === 0) ||
        (group.controllers.length === 0 && partner.haproxy.length === 0));
    if (!complementary) merged.push(group);
    else if (group.haproxy.length > 0) merged.push({ ...group, controllers: partner.controllers });
  }
  return merged;
}

/** A HAProxy that HAPTIC drives: beside its agent, selected by its configuration object, or with a spiffe-helper. */
function runsHapticHaproxy(workload: WorkloadView, configs: readonly CollectedObject[]): boolean {
  const { containers, labels } = workload.template;
  if (!containers.some(({ role }) => role === 'haproxy')) return false;
  if (containers.some(({ role }) => role === 'haptic-agent' || role === 'spiffe-helper')) return true;
  return configs.some(
    ({ object }) =>
      textAt(dig(object, 'metadata', 'namespace')) === workload.ref.namespace &&
      dig(object, 'spec', 'podSelector') !== undefined &&
      matchesSelector(dig(object, 'spec', 'podSelector'), labels),
  );
}

function instanceOf({ collected, template }: WorkloadView): string {
  const own = collected ? textAt(dig(collected.object, 'metadata', 'labels', 'app.kubernetes.io/instance')) : undefined;
  return template.labels['app.kubernetes.io/instance'] ?? own ?? '';
}

function describe(world: World, group: ReleaseWorkloads, all: readonly ReleaseWorkloads[]): Installation {
  const { namespace, instance } = group;
  const config = configOfRelease(world, group, all);
  const workloads = [...group.haproxy, ...group.controllers];
  const first = workloads[0]?.ref ?? { kind: 'Deployment', namespace, name: instance };
  const roles = group.haproxy.flatMap(({ template }) => template.containers);
  const dataplane = roles.some(({ command, args }) => /\bdataplaneapi\b/.test([...command, ...args].join(' ')));
  const agent = !dataplane && roles.some(({ role }) => role === 'haptic-agent');
  return {
    ref: config ? refOf(config.object) : first,
    namespace,
    release: instance || first.name,
    haproxyWorkloads: group.haproxy.map(({ ref }) => ref),
    controllerWorkloads: group.controllers.map(({ ref }) => ref),
    pausedControllers: group.controllers
      .filter(({ collected }) => collected !== undefined && numberAt(dig(collected.object, 'spec', 'replicas')) === 0)
      .map(({ ref }) => ref),
    ...(config ? { templateConfig: refOf(config.object) } : {}),
    ...(dataplane ? { generation: '0.1' as const } : agent ? { generation: '0.2+' as const } : {}),
    intent: intentOf(world, group, config),
  };
}

/** What shows that mTLS by SPIFFE is wanted of a release. */
function intentOf(world: World, group: ReleaseWorkloads, config: CollectedObject | undefined): readonly Intent[] {
  const signs: Intent[] = [];
  if (config) {
    const snippet = snippetTemplates(config.object).find(({ template }) => looksLikeMtlsSnippet(template));
    if (snippet) signs.push({ sign: 'snippet', from: originOf(config, snippet.field) });
  }
  for (const { template, pods } of group.haproxy) {
    for (const { containers, volumes, ref } of [template, ...pods]) {
      const helper = containers.find(({ role }) => role === 'spiffe-helper');
      if (helper) signs.push({ sign: 'spiffe-helper', from: { object: ref, field: helper.path } });
      const volume = volumes.find(
        (candidate) => candidate.type === 'csi' && candidate.driver === 'csi.spiffe.io' && !isIstios(candidate.name),
      );
      if (volume) signs.push({ sign: 'csi-volume', from: { object: ref, field: volume.field } });
    }
  }
  for (const { template } of group.controllers) {
    const mount = template.containers.flatMap(({ mounts }) => mounts).find(({ path }) => /\/spiffe\/?$/.test(path));
    if (mount) signs.push({ sign: 'placeholder', from: { object: template.ref, field: mount.field } });
  }
  // An annotation says nothing about which release is meant; it only counts where a release could serve it.
  const annotation = world.settings.annotation ?? MTLS_ANNOTATION;
  const ingress =
    config &&
    world
      .list('Ingress')
      .items.find(({ object }) => textAt(dig(object, 'metadata', 'annotations', annotation)) !== undefined);
  if (ingress && signs.length > 0) signs.push({ sign: 'ingress', from: originOf(ingress) });
  if (ingress && signs.length === 0 && world.list('HAProxyTemplateConfig').items.length === 1)
    signs.push({ sign: 'ingress', from: originOf(ingress) });
  const seen = new Set<string>();
  return signs.filter(({ sign, from }) => {
    const key = `${sign} ${from.object ? refKey(from.object) : ''}`;
    return seen.has(key) ? false : Boolean(seen.add(key));
  });
}

/** Istio mounts the Workload API for its own proxy; that says nothing about HAProxy. */
function isIstios(volumeName: string): boolean {
  return volumeName === 'workload-socket';
}
