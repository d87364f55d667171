import { cannotTell, type Finding, type Judged, type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { HelperLogView } from '../../src/evidence/facts/helper-log.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, unknown, valueOr } from '../../src/evidence/reading.ts';
import { isStanding, readComplaint } from './complaint.ts';
import { filesOf, whileItLasts } from './files.ts';
import { explain, filesMissing, hintNotFound, notRunning } from './findings.ts';

/** SPIRE's agent and the controller-manager need this long for a new pod; see doc.md. */
const SETTLING_MS = 60_000;

/** What is seen of a pod whose spec has helpers. */
interface Running {
  readonly pod: PodView;
  /** Those that run spiffe-helper. */
  readonly containers: readonly ContainerView[];
  readonly svidFiles: Reading<SvidFiles>;
  readonly helperLogs: Reading<readonly HelperLogView[]>;
  readonly helperConfigs: Reading<readonly HelperConfigView[]>;
  readonly registration: Reading<Registration>;
  readonly agents: Reading<readonly ServingAgent[]>;
  /** Findings about ClusterSPIFFEIDs. */
  readonly registered: readonly Finding[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export function judgeRunning(running: Running): Judged {
  const { pod, containers, svidFiles, helperLogs, helperConfigs, registration, agents, registered, now } = running;
  const files = svidFiles.state === 'known' ? filesOf(svidFiles.value) : undefined;
  const complaint = helperLogs.state === 'known' ? readComplaint(helperLogs.value) : undefined;
  const logs = helperLogs.state === 'known' ? helperLogs.value : [];
  const wrote = logs.length > 0 && logs.every(({ lastUpdate }) => lastUpdate !== undefined);
  const arrived = files ? files.state === 'complete' : wrote;
  const unseen = [...unseenOf('files in the pod', svidFiles), ...unseenOf('log of spiffe-helper', helperLogs)];
  const observed = (findings: readonly Finding[]): Judged => ({
    findings,
    basis: 'observed',
    unseen: findings.length === 0 ? unseen : [...unseen, ...reasonsUnseen(running)],
    ...(arrived ? {} : { outage: 'not-begun' }),
  });

  const young = isYoung(pod, containers, now);
  if (complaint?.kind === 'hint-not-found' && !young)
    return observed([hintNotFound(pod, complaint, helperConfigs, registration)]);
  if (arrived) {
    if (!complaint || !isStanding(complaint, now)) return observed([]);
    const { phase, until } =
      svidFiles.state === 'known' ? whileItLasts(svidFiles.value, now) : { phase: 'active' as const, until: '' };
    const standing = explain({ pod, registered, registration, agents }, complaint);
    return observed(standing.map((finding) => ({ ...finding, phase, data: { ...finding.data, until } })));
  }
  if (young) return cannotTell(unknown('too-young', 'spiffe-helper started less than a minute ago; ask again shortly'));
  if (complaint) return observed(explain({ pod, registered, registration, agents }, complaint));
  const stopped = containers.find(({ status }) => status !== undefined && status.state.now !== 'running');
  if (stopped) return observed([notRunning(pod, stopped, agents)]);
  if (files && files.state !== 'complete') return observed([filesMissing(pod, files, agents)]);
  if (svidFiles.state === 'unknown') return cannotTell(helperLogs.state === 'unknown' ? helperLogs : svidFiles);
  return cannotTell(
    unknown('no-evidence', 'spiffe-helper has logged neither an update nor an error, and its files were not seen'),
  );
}

/** What may hold the reason of what was found. */
function reasonsUnseen({ registration, agents }: Running): readonly Unseen[] {
  const settings = registration.state === 'known' ? registration.value.settingsUnseen : undefined;
  return [
    ...unseenOf('the ClusterSPIFFEIDs that register the pod', registration),
    ...(settings ? unseenOf('the configuration of the spire-controller-manager', settings) : []),
    ...valueOr(agents, []).flatMap(({ driver, csiDaemonSet, agentDaemonSet }) =>
      unseenOf(`the SPIRE agent behind ${driver}`, csiDaemonSet.state === 'unknown' ? csiDaemonSet : agentDaemonSet),
    ),
  ];
}

/** A container that was restarted again and again had its time. */
function isYoung(pod: PodView, containers: readonly ContainerView[], now: number): boolean {
  const restarts = containers.reduce((sum, { status }) => sum + (status?.restarts ?? 0), 0);
  const starts = containers.flatMap(({ status }) => (status?.state.now === 'running' ? [status.state.startedAt] : []));
  return now - Math.max(pod.startedAt ?? 0, ...starts) < SETTLING_MS && restarts < 3;
}
