import { defineCheck, type Judged, unseenOf } from '../../src/doctor/check.ts';
import { valueOr } from '../../src/evidence/reading.ts';
import { refusedPods } from './admission.ts';
import { judgeDirectory } from './directory.ts';
import type { Layout } from './layout-fixes.ts';
import { messages } from './messages.ts';
import { differingNames } from './names.ts';

export default defineCheck({
  id: 'spiffe-dir',
  title: 'The directory for the SVID exists where spiffe-helper writes and HAProxy reads',
  stage: 'files',
  guide: 'Certificate directory does not exist',
  after: [],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod', 'spiffeDirectory'],
  wants: ['svidFiles', 'helperConfigs', 'events', 'rollout'],
  applies: ({ spiffeDirectory }) =>
    spiffeDirectory.state === 'absent'
      ? { why: 'nothing-uses-it', detail: 'no container of the pod is a spiffe-helper' }
      : undefined,
  judge: ({ pod, spiffeDirectory, svidFiles, helperConfigs, events, rollout }, { now, fromFiles }): Judged => {
    if (pod.state !== 'known' || spiffeDirectory.state !== 'known') return { findings: [] };
    const plan = spiffeDirectory.value;
    const files = valueOr(svidFiles, undefined);
    const fates = valueOr(rollout, undefined);
    const configs = valueOr(helperConfigs, []);
    const layouts = plan.helpers.map(
      (helper): Layout => ({ pod: pod.value, plan: helper, expected: plan.expected, configs, fromFiles }),
    );
    const judged = layouts.map((layout) => judgeDirectory(layout, files, now));
    const findings = [
      ...judged.flatMap((judgement) => judgement.findings),
      ...differingNames(pod.value, plan, files, layouts),
      ...refusedPods({
        pod: pod.value,
        now,
        fromFiles,
        events: valueOr(events, []),
        ...(fates ? { rollout: fates } : {}),
      }),
    ];
    const unclear = judged.find(({ cannotTell }) => cannotTell)?.cannotTell;
    return {
      findings,
      basis: judged.length > 0 && judged.every(({ observed }) => observed) ? 'observed' : 'declared',
      ...(unclear ? { cannotTell: unclear } : {}),
      unseen:
        pod.value.from === 'pod'
          ? [
              ...unseenOf('files in the pod', svidFiles),
              ...unseenOf('events', events),
              ...unseenOf('roll-out', rollout),
              ...(fates?.replicaSetsUnseen ? unseenOf('ReplicaSets', fates.replicaSetsUnseen) : []),
            ]
          : [],
    };
  },
});
