import type { Finding, Phase } from '../../src/doctor/check.ts';
import type { EventView } from '../../src/evidence/facts/events.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type ObjectRef, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { unregisteredFix } from './driver-fixes.ts';
import { changeVolume } from './fixes.ts';
import { apartFix, missingDriverFix, noAgentFix, notReadyFix } from './platform-fixes.ts';

type CsiVolume = WorkloadApiVolumes['volumes'][number];

/** A driver or an agent that has just started is given this long. */
const SETTLING_MS = 60_000;

/** What stands between the agent and the pod's volume, whatever helper.conf says. */
export interface PlatformView {
  readonly pod: PodView;
  readonly now: number;
  readonly events: readonly EventView[];
  /** SVIDs arrive: what is wrong now will be felt at the next rotation or restart only. */
  readonly works: boolean;
  /** A helper of the pod says that it cannot connect. */
  readonly fails: boolean;
}

export interface PlatformFindings {
  readonly findings: readonly Finding[];
  readonly tooYoung?: Unknown;
}

export function judgeVolume(volume: CsiVolume, { pod, events }: PlatformView): readonly Finding[] {
  // A container runs only after all volumes of its pod are mounted.
  if (hasStarted(pod)) return [];
  const said = mountFailure(pod, volume.name, events);
  const evidence = [
    {
      from: fieldOrigin(pod, `${volume.field}.csi`),
      excerpt: `driver: ${volume.driver}, readOnly: ${volume.readOnly}`,
    },
  ];
  const data = { volume: volume.name, driver: volume.driver, said: quoted(said) };
  if (volume.driver === 'upstream.csi.spiffe.io') {
    const fix = changeVolume(pod, volume, { driver: 'csi.spiffe.io', readOnly: true });
    return [{ message: 'upstream-driver', data, culprit: pod.workload, evidence, fix }];
  }
  if (!volume.readOnly && volume.driver !== 'spiffe.csi.cert-manager.io') {
    const fix = changeVolume(pod, volume, { driver: volume.driver, readOnly: true });
    return [{ message: 'not-read-only', data, culprit: pod.workload, evidence, fix }];
  }
  return [];
}

/** The driver and the agent of a volume. Where one taint or label keeps both off the node, one fix lets both in: it is one finding. */
export function judgePlatform(agent: ServingAgent, volume: CsiVolume, view: PlatformView): readonly PlatformFindings[] {
  const driver = judgeDriver(agent, volume, view);
  const { csi, agent: agents } = agent.obstacles;
  const together =
    driver.findings.length > 0 && csi.length > 0 && agents.length > 0 && agent.agentOnNode.state === 'absent';
  return together ? [driver] : [driver, judgeAgent(agent, view)];
}

function judgeDriver(agent: ServingAgent, volume: CsiVolume, view: PlatformView): PlatformFindings {
  const { pod, now, events } = view;
  const { driver, driverObject, registeredOnNode } = agent;
  const said = quoted(mountFailure(pod, volume.name, events));
  const phase: Phase = hasStarted(pod) ? 'latent' : 'active';
  const data = { driver, volume: volume.name, node: pod.node ?? '', said };
  if (driverObject.state === 'absent') {
    return one({
      message: 'driver-missing',
      data,
      phase,
      culprit: { kind: 'CSIDriver', name: driver },
      evidence: [{ from: driverObject.from }],
      fix: missingDriverFix(agent, volume, pod),
    });
  }
  if (registeredOnNode.state !== 'known' || registeredOnNode.value) return { findings: [] };
  if (pod.createdAt !== undefined && now - pod.createdAt < SETTLING_MS) {
    return {
      findings: [],
      tooYoung: unknown(
        'too-young',
        `driver ${driver} is not registered on node ${pod.node} yet; the pod is younger than a minute`,
      ),
    };
  }
  const trouble = agent.csiPods?.trouble ?? [];
  const culprit: ObjectRef =
    agent.csiDaemonSet.state === 'known' ? agent.csiDaemonSet.value : { kind: 'CSINode', name: pod.node ?? '' };
  return one({
    message: 'driver-not-on-node',
    data: { ...data, trouble: trouble.length === 0 ? '' : ` Not started: ${trouble.join('; ')}.` },
    phase,
    culprit,
    evidence: [{ from: registeredOnNode.from, excerpt: `no driver named ${driver}` }],
    fix: unregisteredFix(agent, culprit),
  });
}

function judgeAgent(agent: ServingAgent, { pod, now, works, fails }: PlatformView): PlatformFindings {
  const { driver, agentDaemonSet, agentOnNode } = agent;
  const phase: Phase = works ? 'latent' : 'active';
  const node = pod.node ?? '';
  if (agentDaemonSet.state === 'absent' && agentDaemonSet.missing === 'mount') {
    const culprit =
      agent.csiDaemonSet.state === 'known' ? agent.csiDaemonSet.value : { kind: 'CSIDriver', name: driver };
    if (works) return { findings: [] };
    return one({
      message: 'no-agent-for-driver',
      data: { driver, what: agentDaemonSet.what },
      culprit,
      ...(fails ? { severity: 'fail' } : {}),
      evidence: [{ from: { object: culprit } }],
      fix: apartFix(agent, pod),
    });
  }
  if (agentDaemonSet.state !== 'known') return { findings: [] };
  const culprit = agentDaemonSet.value;
  const name = `${culprit.namespace}/${culprit.name}`;
  if (agentOnNode.state === 'absent') {
    return one({
      message: 'no-agent-on-node',
      data: { agent: name, node },
      phase,
      culprit,
      evidence: [{ from: agentOnNode.from, excerpt: agentOnNode.what }],
      fix: noAgentFix(agent, culprit),
    });
  }
  if (agentOnNode.state !== 'known' || agentOnNode.value.ready) return { findings: [] };
  const { ref, startedAt, createdAt, ending, trouble, attested } = agentOnNode.value;
  const restarted = startedAt > 0 && now - startedAt < SETTLING_MS && trouble.length === 0;
  // In a roll-out of the agents every node is without one for a moment.
  const replaced = ending || (createdAt !== undefined && now - createdAt < SETTLING_MS);
  if (restarted || replaced) {
    return {
      findings: [],
      tooYoung: unknown(
        'too-young',
        `agent ${ref.namespace}/${ref.name} is being replaced, or started less than a minute ago, and is not ready yet`,
      ),
    };
  }
  return one({
    message: 'agent-not-ready',
    data: {
      agent: `${ref.namespace}/${ref.name}`,
      node,
      trouble:
        trouble.length === 0
          ? 'Its log was not seen or says nothing.'
          : `${attested ? '' : 'It runs, but its server has not attested it. '}It says: ${trouble.join(' | ')}`,
    },
    phase,
    culprit,
    evidence: [{ from: agentOnNode.from, excerpt: trouble.at(-1) ?? 'Ready is not True' }],
    fix: notReadyFix(agent, trouble),
  });
}

/** True when some container of the pod runs or has run. */
export function hasStarted(pod: PodView): boolean {
  return pod.containers.some(
    ({ status }) => status?.state.now === 'running' || status?.state.now === 'terminated' || status?.last !== undefined,
  );
}

function mountFailure(pod: PodView, volume: string, events: readonly EventView[]): string | undefined {
  const about = events.filter((event) => event.about.name === pod.ref.name && event.reason === 'FailedMount');
  return about.findLast(({ message }) => message.includes(`"${volume}"`))?.message;
}

function quoted(said: string | undefined): string {
  return said === undefined ? '' : ` The kubelet says: ${said}`;
}

function one(finding: Finding): PlatformFindings {
  return { findings: [finding] };
}
