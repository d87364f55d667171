import { checks } from '../../../checks/index.ts';
import { judge } from '../../../src/doctor/judge.ts';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import type { Snapshot } from '../../../src/evidence/snapshot.ts';
import { gatherLive } from '../../../src/sources/live/gather.ts';
import { EVERYTHING, PROBE_TIMEOUT, REQUEST_TIMEOUT, RUN_TIMEOUT, testTimer } from '../../live/cluster.ts';
import type { Testbed } from '../installation.ts';

export interface Look {
  readonly snapshot: Snapshot;
  readonly report: DoctorReport;
}

/** The probes' boundary: always the same, so that what a pod said can be played back. */
export const BOUNDARY = 'chaos0boundary';
/** Turns of the event loop without an answer after which none is under way: client and server share it. */
const QUIET_TURNS = 100;
const TOOL = { name: 'kubectl-haptic_spire', version: '0.0.0-test' };

/** One look of the doctor in this process, at this moment. No pause is waited for; whoever gets no answer finds that its time is over. */
export async function look({ api, env }: Pick<Testbed, 'api' | 'env'>, now: () => number): Promise<Look> {
  const timer = testTimer();
  const hung = () => api.dial.hits.filter(({ fault }) => fault.fault === 'hang').length;
  let elapsed = hung();
  let quiet = 0;
  let over = false;
  const unanswered = () => api.requests.filter(({ status }) => status === undefined).length;
  let waiting = -1;
  const watch = () => {
    if (over) return;
    // Its time is over once nothing else is under way: others are not to run out of theirs with it.
    quiet = hung() > elapsed && unanswered() === waiting ? quiet + 1 : 0;
    waiting = unanswered();
    if (quiet > QUIET_TURNS) {
      elapsed = hung();
      quiet = 0;
      timer.elapse(REQUEST_TIMEOUT);
      timer.elapse(PROBE_TIMEOUT);
    }
    setImmediate(watch);
  };
  watch();
  try {
    const snapshot = await gatherLive(
      {
        connection: { kubeconfig: env.KUBECONFIG ?? '', requestTimeoutMs: REQUEST_TIMEOUT },
        items: EVERYTHING,
        timeoutMs: RUN_TIMEOUT,
        concurrency: 8,
        tool: TOOL,
      },
      {
        env: {},
        now,
        timer,
        random: () => 0.5,
        boundary: () => BOUNDARY,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
    );
    const links = { docsBase: 'https://docs.example', guideBase: 'https://guide.example/' };
    const report = judge(snapshot, {
      checks,
      failOn: 'fail',
      allowUnknown: [],
      tool: TOOL,
      ...links,
      generatedAt: now(),
      durationMs: 0,
    });
    return { snapshot, report };
  } finally {
    over = true;
  }
}
