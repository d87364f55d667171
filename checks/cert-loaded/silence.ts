import type { Finding } from '../../src/doctor/check.ts';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import { type Unknown, unknown } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import { avoidReload, isFresh, reloadable, SPIRE_ISSUES } from './fixes.ts';
import { durationText, type Scene } from './scene.ts';

/** No reload takes longer than this to load certificates. */
const HUNG_AFTER_SECONDS = 30;

/**
 * The newest process has been silent for long while an older one still serves: a reload that never ends, as HAProxy
 * 3.3.0's on a key file without a key. A stopping old worker is another matter: its reload was taken over.
 */
export function hungReload(scene: Scene, { processes, worker: answering }: HaproxyMemory): Finding | undefined {
  if (processes.state !== 'known' || answering?.state !== 'known') return undefined;
  const { via, stopping, pid } = answering.value;
  const { workers, oldWorkers } = processes.value;
  const [newest] = workers;
  const serves = via === 'pid' && !stopping && oldWorkers.some((old) => old.pid === pid);
  if (!newest || !serves || newest.uptimeSeconds < HUNG_AFTER_SECONDS) return undefined;
  const verdict = reloadable(scene);
  const commands = restartOf(scene.pod);
  return {
    message: 'reload-hangs',
    data: { age: durationText(newest.uptimeSeconds * 1000), pid: newest.pid },
    culprit: scene.pod.ref,
    evidence: [
      { from: processes.from, excerpt: `worker ${newest.pid} is silent, old worker ${pid} answers and still serves` },
    ],
    fix:
      verdict.safe && isFresh(scene)
        ? {
            summary: 'Replace the pods: a hung reload cannot be called off.',
            ...(commands.length > 0
              ? { commands }
              : { manual: 'nothing makes this pod again: whoever made it has to' }),
            impact: 'rollout',
            preconditions: [SPIRE_ISSUES],
            durable: 'a HAProxy release after 3.3.0',
          }
        : {
            summary: 'Mend what the files lack first; then replace the pods.',
            impact: 'rollout',
            manual: verdict.safe
              ? 'a new pod needs a new SVID, and nothing shows that SPIRE still issues'
              : `a new pod may hang in the same way: ${verdict.because}`,
          },
    ...avoidReload(scene),
  };
}

/** What answered is a worker that only waits for its last connections: its memory says nothing about new ones. */
export function onlyStopping({ worker }: HaproxyMemory): Unknown | undefined {
  const stopping = worker?.state === 'known' && worker.value.stopping;
  return stopping
    ? unknown('no-answer', 'only a worker that is ending answered; the one that took over was silent')
    : undefined;
}
