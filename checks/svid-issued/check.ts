import { cannotTell, defineCheck, type Finding, type Judgement, unseenOf } from '../../src/doctor/check.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { isWithdrawn, readComplaint } from './complaint.ts';
import { filesOf, phaseOf } from './files.ts';
import { explain, filesMissing, hintNotFound, noHelper, notRunning } from './findings.ts';
import { messages } from './messages.ts';
import { registrationFindings } from './registration.ts';

/** SPIRE's agent and the controller-manager need this long for a new pod; see doc.md. */
const SETTLING_MS = 60_000;

export default defineCheck({
  id: 'svid-issued',
  title: 'SPIRE issues an X.509-SVID to the pod and spiffe-helper writes it',
  stage: 'identity',
  guide: 'Prerequisites',
  subject: 'haproxy-pod',
  after: ['helper-image-tag', 'helper-config-syntax', 'csi-socket-name', 'spiffe-dir', 'file-ownership'],
  needs: ['pod', 'helpers'],
  wants: ['svidFiles', 'helperLogs', 'helperConfigs', 'registration', 'workloadApiVolumes'],
  messages,
  applies: ({ helpers, workloadApiVolumes }) => {
    if (helpers.state === 'known') return undefined;
    const drivers =
      workloadApiVolumes.state === 'known' ? workloadApiVolumes.value.volumes.map(({ driver }) => driver) : [];
    return drivers.some((driver) => driver.includes('cert-manager'))
      ? {
          why: 'nothing-uses-it',
          detail: 'the pod gets its certificates from cert-manager’s driver, not from spiffe-helper',
        }
      : undefined;
  },
  judge: ({ pod, helpers, svidFiles, helperLogs, helperConfigs, registration }, at): Judgement => {
    if (pod.state !== 'known') return [];
    const view = pod.value;
    const files = svidFiles.state === 'known' ? filesOf(svidFiles.value) : undefined;
    if (helpers.state !== 'known')
      return files?.state === 'complete' ? { findings: [], basis: 'observed' } : [noHelper(view)];
    const registered = registrationFindings(view, registration);
    if (at.fromFiles) {
      if (registered.length > 0) return registered;
      return cannotTell(
        registration.state === 'unknown'
          ? registration
          : unknown('needs-live', 'files cannot show whether SPIRE issues'),
      );
    }

    const complaint = helperLogs.state === 'known' ? readComplaint(helperLogs.value) : undefined;
    const unseen = [...unseenOf('files in the pod', svidFiles), ...unseenOf('log of spiffe-helper', helperLogs)];
    const observed = (findings: readonly Finding[]): Judgement => ({ findings, basis: 'observed', unseen });
    if (complaint?.kind === 'hint-not-found')
      return observed([hintNotFound(view, complaint, helperConfigs, registration)]);
    if (files?.state === 'complete') {
      const ended = complaint && svidFiles.state === 'known' && isWithdrawn(complaint, at.now);
      return observed(
        ended
          ? explain(view, complaint, registered, registration).map((finding) => ({
              ...finding,
              phase: phaseOf(svidFiles.value, at.now),
            }))
          : [],
      );
    }
    const wrote = helperLogs.state === 'known' && helperLogs.value.every(({ lastUpdate }) => lastUpdate !== undefined);
    if (!files && wrote && !complaint) return observed([]);

    const containers = helpers.value.map(({ container }) => container);
    const restarts = containers.reduce((sum, { status }) => sum + (status?.restarts ?? 0), 0);
    const starts = containers.flatMap(({ status }) =>
      status?.state.now === 'running' ? [status.state.startedAt] : [],
    );
    if (at.now - Math.max(view.startedAt ?? 0, ...starts) < SETTLING_MS && restarts < 3) {
      return cannotTell(unknown('too-young', 'spiffe-helper started less than a minute ago; ask again shortly'));
    }
    if (complaint) return observed(explain(view, complaint, registered, registration));
    const stopped = containers.find(({ status }) => status !== undefined && status.state.now !== 'running');
    if (stopped) return observed([notRunning(view, stopped)]);
    if (files) return observed([filesMissing(view, files)]);
    if (svidFiles.state === 'unknown') return cannotTell(helperLogs.state === 'unknown' ? helperLogs : svidFiles);
    return cannotTell(
      unknown('no-evidence', 'spiffe-helper has logged neither an update nor an error, and its files were not seen'),
    );
  },
});
