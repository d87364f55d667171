import type { ServingAgent } from './facts/workload-api.ts';
import type { PodView } from './pod-view.ts';
import type { Reading } from './reading.ts';
import { restartOf } from './workload-change.ts';

/** How a pod is made anew; without a command where that might leave it worse off than it is. */
export type Replacement =
  | { readonly commands: ReturnType<typeof restartOf> }
  /** Why no command is given. */
  | { readonly manual: string };

/** A new pod starts without an SVID: it is only made where the agent that has to give it one was seen ready. */
export function replacementOf(pod: PodView, agents: Reading<readonly ServingAgent[]>): Replacement {
  const commands = restartOf(pod);
  if (commands.length === 0)
    return { manual: 'Nothing makes this pod again: it has to be replaced by whoever made it.' };
  if (!isAgentReady(agents)) {
    return {
      manual:
        'No SPIRE agent was seen ready on the pod\u2019s node, and a new pod gets no SVID without one. See that it is ready, then restart the HAProxy workload.',
    };
  }
  return { commands };
}

export function isAgentReady(agents: Reading<readonly ServingAgent[]>): boolean {
  return (
    agents.state === 'known' &&
    agents.value.some(({ agentOnNode }) => agentOnNode.state === 'known' && agentOnNode.value.ready)
  );
}
