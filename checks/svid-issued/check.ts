import { cannotTell, defineCheck, type Judgement } from '../../src/doctor/check.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { filesOf } from './files.ts';
import { noHelper } from './findings.ts';
import { messages } from './messages.ts';
import { registrationFindings } from './registration.ts';
import { judgeRunning } from './running.ts';

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
      return files?.state === 'complete'
        ? { findings: [], basis: 'observed' }
        : { findings: [noHelper(view)], ...(at.fromFiles ? {} : { outage: 'not-begun' }) };
    const registered = registrationFindings(view, registration);
    if (at.fromFiles) {
      if (registered.length > 0) return registered;
      return cannotTell(
        registration.state === 'unknown'
          ? registration
          : unknown('needs-live', 'files cannot show whether SPIRE issues'),
      );
    }

    return judgeRunning({
      pod: view,
      containers: helpers.value.map(({ container }) => container),
      svidFiles,
      helperLogs,
      helperConfigs,
      registration,
      registered,
      now: at.now,
    });
  },
});
