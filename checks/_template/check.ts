import { defineCheck, type Finding } from '../../src/doctor/check.ts';

const RECENT_MS = 10 * 60_000;

/** Replace this: a working check of the smallest kind. It reads the events of a pod and reports volumes that cannot be mounted. */
export default defineCheck({
  // Equals the folder's name.
  id: '_template',
  // The good state, as a sentence.
  title: 'All volumes of the pod can be mounted',
  stage: 'files',
  // A heading of the HAPTIC guide.
  guide: 'HAProxy Pod Setup',
  after: [],
  messages: {
    'failed-mount': {
      role: 'cause',
      severity: 'warn',
      text: 'The kubelet cannot mount a volume of the pod: {said}',
    },
  },
  subject: 'haproxy-pod',
  // judge sees these and nothing else. When one of them could not be looked at, the result is unknown and judge is not called.
  needs: ['pod', 'events'],
  wants: [],
  judge: ({ pod, events }, { now }) => {
    // A need that is absent was looked at and is not there.
    if (pod.state !== 'known' || events.state !== 'known') return [];
    const { ref, workload } = pod.value;
    const failures = events.value.filter(
      ({ reason, lastSeen }) => reason === 'FailedMount' && now - lastSeen < RECENT_MS,
    );
    return failures.slice(-1).map(
      ({ message, lastSeen }): Finding => ({
        message: 'failed-mount',
        data: { said: message },
        culprit: workload,
        since: lastSeen,
        evidence: [{ from: { object: ref, field: 'events' }, excerpt: message }],
        fix: {
          summary: 'See what the event asks for.',
          commands: [
            {
              ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
              args: ['describe', `pod/${ref.name}`],
            },
          ],
          impact: 'none',
          manual: 'the volume tells what it lacks',
        },
      }),
    );
  },
});
