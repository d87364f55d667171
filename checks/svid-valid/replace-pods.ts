import type { Fix } from '../../src/doctor/check.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { Look } from './look.ts';

/** A new pod begins with an empty directory and a helper that asks the agent anew. */
export function replacePods(
  { pod, agents }: Pick<Look, 'pod' | 'agents'>,
  summary: string,
  preconditions: readonly string[],
): Fix {
  return { summary, ...replacementOf(pod, agents), impact: 'rollout', preconditions };
}

export const AGENT_READY = 'The SPIRE agent on the pod\u2019s node is ready: a new pod needs a new SVID.';
