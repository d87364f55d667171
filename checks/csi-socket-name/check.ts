import { defineCheck, type Finding, type Judged, type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { type Unknown, unknown, valueOr } from '../../src/evidence/reading.ts';
import { judgeHelper } from './helper.ts';
import { messages } from './messages.ts';
import { judgePlatform, judgeVolume, type PlatformFindings } from './platform.ts';
import { svidArrivedAt } from './proof.ts';

export default defineCheck({
  id: 'csi-socket-name',
  title: 'spiffe-helper dials a socket that the SPIRE agent serves',
  stage: 'workload-api',
  guide: 'spiffe-helper cannot connect to SPIRE agent',
  after: ['helper-config-syntax'],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod', 'helpers', 'helperConfigs', 'workloadApiVolumes'],
  wants: ['servingAgents', 'helperLogs', 'svidFiles', 'events'],
  applies: ({ helpers }) =>
    helpers.state === 'absent'
      ? { why: 'nothing-uses-it', detail: 'no container of the pod is a spiffe-helper' }
      : undefined,
  judge: (
    { pod, helpers, helperConfigs, workloadApiVolumes, servingAgents, helperLogs, svidFiles, events },
    { now },
  ): Judged => {
    if (pod.state !== 'known' || helpers.state !== 'known') return { findings: [] };
    const volumes = workloadApiVolumes.state === 'known' ? workloadApiVolumes.value.volumes : [];
    const configs = helperConfigs.state === 'known' ? helperConfigs.value : [];
    const agents = valueOr(servingAgents, []);
    const findings: Finding[] = [];
    const ignorances: Unknown[] = [];
    const arrivals: boolean[] = [];
    let fails = false;
    for (const helper of helpers.value) {
      const view = configs.find((candidate) => candidate.helper === helper.container.name);
      const parsed = view?.parsed;
      const log = valueOr(helperLogs, []).find((candidate) => candidate.helper === helper.container.name);
      if (log?.dialError) fails = true;
      // With several helpers, the files that HAProxy reads prove something about one of them only.
      const files = helpers.value.length === 1 ? valueOr(svidFiles, undefined) : undefined;
      const proven = view !== undefined && svidArrivedAt(helper.container, view, log, files) !== undefined;
      if (!view || parsed?.state !== 'known' || !parsed.value.ok) {
        // What came in shows that the process dials a socket that is served, whatever its configuration says.
        if (proven && parsed?.state === 'unknown') arrivals.push(true);
        else
          ignorances.push(
            parsed?.state === 'unknown'
              ? parsed
              : unknown('unreadable', `helper.conf of container ${helper.container.name} cannot be read`),
          );
        continue;
      }
      arrivals.push(proven);
      if (parsed.value.config.unsaid?.includes('agent_address')) {
        const what = `which socket helper.conf of container ${helper.container.name} means cannot be told`;
        ignorances.push(unknown('unreadable', what));
        continue;
      }
      const judged = judgeHelper({
        pod: pod.value,
        now,
        helper,
        view,
        config: parsed.value.config,
        volumes,
        agents,
        ...(servingAgents.state === 'unknown' ? { agentsUnknown: servingAgents } : {}),
        ...(log ? { log } : {}),
        proven,
      });
      findings.push(...judged.findings);
      if (judged.cannotTell) ignorances.push(judged.cannotTell);
    }
    const works = arrivals.length > 0 && arrivals.every((proven) => proven);
    const view = { pod: pod.value, now, events: valueOr(events, []), works, fails };
    const mounts = helpers.value.flatMap(({ container }) => container.mounts.map(({ volume }) => volume));
    for (const volume of volumes.filter(({ name }) => mounts.includes(name))) {
      const refused = judgeVolume(volume, view);
      findings.push(...refused);
      if (refused.some(({ message }) => message === 'upstream-driver')) continue;
      const agent = agents.find(({ driver }) => driver === volume.driver);
      const judgements: readonly PlatformFindings[] = agent ? judgePlatform(agent, volume, view) : [];
      findings.push(
        ...withoutEchoes(
          judgements.flatMap((judgement) => judgement.findings),
          findings,
        ),
      );
      ignorances.push(...judgements.flatMap(({ tooYoung }) => (tooYoung ? [tooYoung] : [])));
    }
    const [cannotTell] = ignorances;
    return {
      findings: foremost(findings),
      basis: works ? 'observed' : 'declared',
      ...(cannotTell ? { cannotTell } : {}),
      unseen:
        pod.value.from === 'pod'
          ? [
              ...unseenOf('logs of spiffe-helper', helperLogs),
              ...unseenOf('files in the pod', svidFiles),
              ...unseenOf('events', events),
              ...agents.flatMap(platformUnseen),
            ]
          : [],
    };
  },
});

/** What would have shown that new pods get no socket, even where a running one has its own. */
function platformUnseen(agent: ServingAgent): readonly Unseen[] {
  const { driver, driverObject, registeredOnNode, csiDaemonSet, agentDaemonSet } = agent;
  const daemonSets = csiDaemonSet.state === 'unknown' ? csiDaemonSet : agentDaemonSet;
  return [
    ...unseenOf(`the DaemonSets behind ${driver}`, daemonSets),
    ...unseenOf(`the CSIDriver ${driver}`, driverObject),
    ...unseenOf(`whether the pod's node has ${driver}`, registeredOnNode),
  ];
}

/** Two volumes of one driver have one driver's troubles once. */
function withoutEchoes(fresh: readonly Finding[], before: readonly Finding[]): readonly Finding[] {
  return fresh.filter(
    ({ message, culprit }) => !before.some((other) => other.message === message && other.culprit.name === culprit.name),
  );
}

/** An agent or a driver that is not there explains a failing connection: that is then no finding of its own. */
function foremost(findings: readonly Finding[]): readonly Finding[] {
  const platform = [
    'driver-missing',
    'driver-not-on-node',
    'no-agent-on-node',
    'agent-not-ready',
    'no-agent-for-driver',
  ];
  const explained = findings.some(({ message }) => platform.includes(message));
  return explained
    ? findings.filter(({ message }) => message !== 'cannot-connect' && message !== 'stale-mount')
    : findings;
}
