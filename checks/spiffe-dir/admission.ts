import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { EventView, RolloutView } from '../../src/evidence/facts/events.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { changeTemplate } from '../../src/evidence/workload-change.ts';
import { compliance } from './pod-security.ts';
import { roomFor } from './quota.ts';

/** An event this old says little about now. */
const RECENT_MS = 10 * 60_000;
const MODEST: Readonly<Record<string, string>> = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' };

interface Admission {
  readonly pod: PodView;
  readonly now: number;
  readonly fromFiles: boolean;
  readonly events: readonly EventView[];
  readonly rollout?: RolloutView;
}

/**
 * New pods that the API server refuses, in its own words. Pods that run are untouched: for them it is latent, and said
 * only when the workload itself is not looked at, in place of the pods that it cannot make.
 */
export function refusedPods(admission: Admission): readonly Finding[] {
  const { pod, rollout } = admission;
  if (pod.from === 'pod' && rollout?.hasCurrentPods === false) return [];
  const refusal = currentRefusal(admission);
  if (!refusal) return [];
  const { said, about } = refusal;
  if (isAboutDriver(pod, said)) return [];
  const message = /failed quota: [^:]*: must specify/.test(said)
    ? 'quota-needs-limits'
    : /exceeded quota/.test(said)
      ? 'quota-exhausted'
      : 'pods-rejected';
  return [
    {
      message,
      data: { workload: `${pod.workload.kind} ${pod.workload.name}`, said },
      culprit: pod.workload,
      phase: pod.from === 'pod' ? 'latent' : 'active',
      evidence: [{ from: { object: about }, excerpt: said }],
      fix:
        message === 'quota-needs-limits'
          ? giveLimits(pod, said)
          : message === 'quota-exhausted'
            ? makeRoom(pod, said)
            : comply(admission.pod, said),
    },
  ];
}

function currentRefusal({
  now,
  events,
  rollout,
}: Admission): { readonly said: string; readonly about: ObjectRef } | undefined {
  const failure = rollout?.conditions.findLast(
    ({ type, status, message }) => type === 'ReplicaFailure' && status === 'True' && isRefusal(message),
  );
  if (failure) return { said: failure.message, about: failure.about };
  // All pods that are wanted are there: what an event says is over.
  if (rollout && rollout.updated >= rollout.desired && rollout.hasCurrentPods) return undefined;
  const event = events.findLast(
    ({ reason, message, lastSeen }) => reason === 'FailedCreate' && isRefusal(message) && now - lastSeen < RECENT_MS,
  );
  return event ? { said: event.message, about: event.about } : undefined;
}

/** A driver that policies keep workloads off is what csi-socket-name reports. */
function isAboutDriver({ volumes }: PodView, said: string): boolean {
  return volumes.some(
    (volume) => volume.type === 'csi' && volume.driver === 'upstream.csi.spiffe.io' && said.includes(volume.driver),
  );
}

function isRefusal(message: string): boolean {
  return /forbidden|quota|violates PodSecurity|denied the request|unable to validate against any security context constraint/.test(
    message,
  );
}

/** `must specify limits.cpu for: a,b; requests.memory for: c` → what each container lacks. */
function giveLimits(pod: PodView, said: string): Fix {
  const lacking = new Map<string, { limits: Record<string, string>; requests: Record<string, string> }>();
  for (const [, kind, resource, names] of said
    .slice(0, 4000)
    .matchAll(/\b(limits|requests)\.([a-z-]+) for: ([\w.,-]+)/g)) {
    for (const name of (names ?? '').split(',').filter((text) => text !== '')) {
      const entry = lacking.get(name) ?? { limits: {}, requests: {} };
      entry[kind === 'limits' ? 'limits' : 'requests'][resource ?? ''] = MODEST[resource ?? ''] ?? '1';
      lacking.set(name, entry);
    }
  }
  const patched = pod.containers.flatMap(({ name, place }) => {
    const entry = lacking.get(name);
    return entry
      ? [
          {
            place,
            patch: {
              name,
              resources: {
                ...(empty(entry.limits) ? {} : { limits: entry.limits }),
                ...(empty(entry.requests) ? {} : { requests: entry.requests }),
              },
            },
          },
        ]
      : [];
  });
  const main = patched.filter(({ place }) => place === 'main').map(({ patch }) => patch);
  const init = patched.filter(({ place }) => place !== 'main').map(({ patch }) => patch);
  const spec = {
    ...(main.length > 0 ? { containers: main } : {}),
    ...(init.length > 0 ? { initContainers: init } : {}),
  };
  return {
    summary:
      'Give every container the requests and limits that the quota counts, or let a LimitRange fill them in; measure before you choose cpu limits for haproxy.',
    ...(patched.length > 0
      ? { commands: changeTemplate(pod, spec) }
      : { manual: 'the message does not say which containers lack what' }),
    durable:
      'resources of the containers in haproxy.initContainers and haproxy.sidecars, and haproxy.resources, of the Helm values',
    impact: 'rollout',
  };
}

function makeRoom(pod: PodView, said: string): Fix {
  const quota = /exceeded quota: ([\w.-]+)/.exec(said)?.[1];
  const hard = roomFor(said);
  const summary = 'Raise the quota, or free what it counts; a surge pod of the roll-out needs room, too.';
  if (!quota || !pod.ref.namespace || !hard)
    return { summary, impact: 'none', manual: 'how much the namespace may use is for its owner to decide' };
  const body = JSON.stringify({ spec: { hard } });
  return {
    summary,
    commands: [
      {
        namespace: pod.ref.namespace,
        args: ['patch', `resourcequota/${quota}`, '--type=merge', '--patch', body],
      },
    ],
    impact: 'none',
    preconditions: ['whoever owns the quota agrees, and the nodes have the room'],
  };
}

/** Changes what the message asks for; what it does not spell out is left to people. */
function comply(pod: PodView, said: string): Fix {
  const spec = compliance(pod, said);
  return {
    summary: 'Change the pod template so that it complies with what the message names.',
    ...(spec
      ? { commands: changeTemplate(pod, spec) }
      : { manual: `what ${pod.workload.kind} ${pod.workload.name} has to change depends on the policy` }),
    durable: 'securityContext of the containers in haproxy.initContainers and haproxy.sidecars of the Helm values',
    impact: 'rollout',
  };
}

function empty(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length === 0;
}
