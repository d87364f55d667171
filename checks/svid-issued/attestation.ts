import type { Finding } from '../../src/doctor/check.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { quoteOf } from '../../src/evidence/logs/log-lines.ts';
import { type Reading, valueOr } from '../../src/evidence/reading.ts';
import type { Complaint } from './complaint.ts';

/** How a connection ends that the agent has accepted and taken back at once. */
const DROPPED = /error reading server preface|connection reset by peer|broken pipe/;

/** An agent that says around the time of a refusal that it could not attest somebody has not looked for entries. */
const TOGETHER_MS = 60_000;

/** What shows that the agent does not know who asks it; undefined when it does, or when nothing was seen. */
export function attestationOf(
  agents: Reading<readonly ServingAgent[]>,
  { kind, line, quote }: Complaint,
): (Pick<Finding, 'evidence'> & { readonly culprit?: Finding['culprit']; readonly quote: string }) | undefined {
  for (const { agentDaemonSet, agentOnNode, sharesNodePids } of valueOr(agents, [])) {
    if (agentDaemonSet.state !== 'known') continue;
    const culprit = agentDaemonSet.value;
    const error =
      agentOnNode.state === 'known'
        ? agentOnNode.value.attestorErrors.findLast(({ at }) => Math.abs(line.at - at) < TOGETHER_MS)
        : undefined;
    if (kind === 'not-reached' && sharesNodePids === false && DROPPED.test(line.text))
      return {
        culprit,
        quote,
        evidence: [{ from: { object: culprit, field: 'spec.template.spec.hostPID' }, excerpt: 'not set' }],
      };
    if (error === undefined || agentOnNode.state !== 'known') continue;
    if (kind !== 'no-identity' && kind !== 'attestation-failed') continue;
    const from = { object: agentOnNode.value.ref, field: 'log', at: new Date(error.at).toISOString() };
    return {
      culprit,
      quote: `${quote}; the agent: ${quoteOf(error.text)}`,
      evidence: [{ from, excerpt: quoteOf(error.text) }],
    };
  }
  return kind === 'attestation-failed' ? { evidence: [], quote } : undefined;
}
