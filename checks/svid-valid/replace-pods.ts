import type { Fix } from '../../src/doctor/check.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';

/** A new pod begins with an empty directory and a helper that asks the agent anew. */
export function replacePods(pod: PodView, summary: string, preconditions: readonly string[]): Fix {
  const commands = restartOf(pod);
  return {
    summary,
    ...(commands.length > 0
      ? { commands }
      : { manual: 'Nothing makes this pod again: it has to be replaced by whoever made it.' }),
    impact: 'rollout',
    preconditions,
  };
}

export const AGENT_READY = 'The SPIRE agent on the pod\u2019s node is ready: a new pod needs a new SVID.';
