import type { FactReader } from '../catalogue.ts';
import { dig, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { chainReading, known, type ObjectRef, type Unknown, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { sameRef } from '../subject.ts';
import { timeAt } from '../view-pod.ts';
import { replicaSetsOf, workloadsOf } from '../workloads.ts';
import { refOf, type World } from '../world.ts';
import { podOf } from './pod.ts';

/** An Event about a pod, or about the ReplicaSet or workload that should make it. Times are epoch milliseconds. */
export interface EventView {
  readonly about: ObjectRef;
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  readonly count: number;
  readonly lastSeen: number;
}

/** How the workload's current template fares: conditions of the newest ReplicaSet and of the workload. */
export interface RolloutView {
  readonly workload: ObjectRef;
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
  readonly conditions: readonly {
    readonly about: ObjectRef;
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  /** Pods of the current template exist, as far as its ReplicaSets were seen. */
  readonly hasCurrentPods: boolean;
  /** Why the conditions of a Deployment's ReplicaSets, and the events about them, are not among what was seen. */
  readonly replicaSetsUnseen?: Unknown;
}

/** Conditions with which the controllers say that pods are refused or a roll-out is stuck. */
const TELLING = ['ReplicaFailure', 'Progressing', 'Available'];

export const events: FactReader<readonly EventView[]> = {
  gather: ['pods', 'events', 'rollouts'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), (pod) => {
      const listed = world.list('Event', pod.ref.namespace);
      const about = [pod.ref, pod.workload, ...makersOf(world, pod.workload)];
      const found = listed.items
        .map(({ object }) => viewEvent(object))
        .filter((event) => about.some((ref) => sameRef(ref, event.about)));
      if (found.length === 0 && listed.rest) return listed.rest;
      return known(
        found.toSorted((a, b) => a.lastSeen - b.lastSeen),
        { object: pod.ref, field: 'events' },
      );
    }),
};

export const rollout: FactReader<RolloutView> = {
  gather: ['pods', 'rollouts'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), ({ workload }) => {
      if (world.fromFiles) return unknown('needs-live', 'files do not show how a roll-out fares');
      return chainReading(world.object(workload.kind, workload.namespace, workload.name), (collected, from) => {
        const { spec, status } = collected.object;
        const newest = replicaSetsOf(world, workload)[0];
        const rest =
          workload.kind === 'Deployment' && newest === undefined
            ? world.list('ReplicaSet', workload.namespace).rest
            : undefined;
        const count = (...keys: readonly string[]) =>
          keys.map((key) => numberAt(dig(status, key))).find((value) => value !== undefined) ?? 0;
        const view: RolloutView = {
          workload,
          desired: numberAt(dig(status, 'desiredNumberScheduled')) ?? numberAt(dig(spec, 'replicas')) ?? 1,
          ready: count('readyReplicas', 'numberReady'),
          updated: count('updatedReplicas', 'updatedNumberScheduled'),
          conditions: [collected, ...(newest ? [newest] : [])].flatMap(conditionsOf),
          hasCurrentPods: workloadsOf(world).find(({ ref }) => sameRef(ref, workload))?.hasCurrentPods ?? false,
          ...(rest ? { replicaSetsUnseen: rest } : {}),
        };
        return known(view, from);
      });
    }),
};

function makersOf(world: World, workload: ObjectRef): readonly ObjectRef[] {
  const newest = workload.kind === 'Deployment' ? replicaSetsOf(world, workload)[0] : undefined;
  return newest ? [refOf(newest.object)] : [];
}

function conditionsOf(collected: CollectedObject): RolloutView['conditions'] {
  return listAt(dig(collected.object, 'status', 'conditions')).flatMap((condition) => {
    const { type, status, reason, message } = objectAt(condition);
    const name = textAt(type) ?? '';
    if (!TELLING.includes(name)) return [];
    return [
      {
        about: refOf(collected.object),
        type: name,
        status: textAt(status) ?? '',
        reason: textAt(reason) ?? '',
        message: textAt(message) ?? '',
      },
    ];
  });
}

/** Reads a core/v1 Event; events.k8s.io names differ and are read too. */
function viewEvent(event: JsonObject): EventView {
  const about = objectAt(event.involvedObject ?? event.regarding);
  const namespace = textAt(about.namespace);
  const series = objectAt(event.series);
  const times = [
    series.lastObservedTime,
    event.lastTimestamp,
    event.deprecatedLastTimestamp,
    event.eventTime,
    event.firstTimestamp,
    dig(event, 'metadata', 'creationTimestamp'),
  ];
  return {
    about: {
      kind: textAt(about.kind) ?? '',
      ...(namespace === undefined ? {} : { namespace }),
      name: textAt(about.name) ?? '',
    },
    reason: textAt(event.reason) ?? '',
    message: textAt(event.message) ?? textAt(event.note) ?? '',
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    count: numberAt(series.count) ?? numberAt(event.count) ?? 1,
    lastSeen: times.map(timeAt).find((time) => time !== undefined) ?? 0,
  };
}
