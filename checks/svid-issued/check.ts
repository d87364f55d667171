import { cannotTell, defineCheck, type Judgement } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, unknown, valueOr } from '../../src/evidence/reading.ts';
import { addHelperFix } from './add-helper.ts';
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
  wants: ['svidFiles', 'helperLogs', 'helperConfigs', 'registration', 'workloadApiVolumes', 'servingAgents'],
  messages,
  applies: ({ pod, helpers, svidFiles, workloadApiVolumes }) => {
    const volumes = workloadApiVolumes.state === 'known' ? workloadApiVolumes.value.volumes : [];
    const foreign = volumes.flatMap(({ name, driver }) => (driver.includes('cert-manager') ? [name] : []));
    const read = pod.state === 'known' ? volumeRead(pod.value, valueOr(svidFiles, undefined)) : undefined;
    // With a helper it depends on whose files HAProxy reads.
    return (helpers.state === 'known' ? read !== undefined && foreign.includes(read) : foreign.length > 0)
      ? {
          why: 'nothing-uses-it',
          detail: 'the pod gets its certificates from cert-manager’s driver, not from spiffe-helper',
        }
      : undefined;
  },
  judge: (
    { pod, helpers, svidFiles, helperLogs, helperConfigs, registration, servingAgents, workloadApiVolumes },
    at,
  ): Judgement => {
    if (pod.state !== 'known') return [];
    const view = pod.value;
    const files = svidFiles.state === 'known' ? filesOf(svidFiles.value) : undefined;
    if (helpers.state !== 'known')
      return files?.state === 'complete'
        ? { findings: [], basis: 'observed' }
        : {
            findings: [
              noHelper(
                view,
                addHelperFix({ pod: view, svidFiles, volumes: workloadApiVolumes, agents: servingAgents }),
              ),
            ],
            ...(at.fromFiles ? {} : { outage: 'not-begun' }),
          };
    const registered = registrationFindings(view, registration, hintOf(helperConfigs));
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
      agents: servingAgents,
      registered,
      now: at.now,
    });
  },
});

/** The volume in which container haproxy finds its certificates. */
function volumeRead(pod: PodView, files: SvidFiles | undefined): string | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  return haproxy && mountOf(haproxy, files?.paths.svid ?? '/etc/haproxy/spiffe/svid.pem')?.mount.volume;
}

/** What helper.conf asks for, when every helper of the pod asks for the same. */
function hintOf(configs: Reading<readonly HelperConfigView[]>): string | undefined {
  const hints = valueOr(configs, []).map(({ parsed }) =>
    parsed.state === 'known' && parsed.value.ok ? parsed.value.config.hint?.value : undefined,
  );
  const [hint] = hints;
  return hint && hints.every((other) => other === hint) ? hint : undefined;
}
