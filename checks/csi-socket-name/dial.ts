import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { quoteOf } from '../../src/evidence/logs/log-lines.ts';
import { type Unknown, unknown } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import type { Address } from './address.ts';
import { addressFinding, CHART_NAMES, type HelperCase, USUAL_NAME } from './address-finding.ts';
import { labelFix } from './driver-fixes.ts';

const YOUNG_MS = 60_000;

/** The line of the log that shows the failing connection. */
export function dialEvidence({ pod, helper, log }: HelperCase): Finding['evidence'] {
  return log?.dialError
    ? [{ from: { object: pod.ref, field: `log of ${helper.container.name}` }, excerpt: log.dialError.text }]
    : [];
}

/** A connection that fails now, and what the agent's state makes of it. */
export function dialFinding(
  it: HelperCase,
  address: Address,
  agent: ServingAgent | undefined,
  elsewhere: boolean,
  served: boolean,
  name: string,
): Finding {
  const { pod, log } = it;
  const dial = log?.dialError;
  const said = quoteOf(dial?.text ?? '');
  const evidence = dialEvidence(it);
  const restart = {
    summary: 'Restart the pods one after the other.',
    commands: restartOf(pod),
    impact: 'rollout' as const,
  };
  const finding = (message: string, data: Finding['data']): Finding => ({
    message,
    data: { helper: it.helper.container.name, path: address.value, said, ...data },
    culprit: pod.workload,
    evidence,
    ...(dial ? { since: dial.at } : {}),
  });
  if (elsewhere && served) return { ...finding('not-restarted', { dialled: dial?.path ?? '' }), fix: restart };
  if (dial?.reason === 'permission denied') {
    const label = agent && labelFix(agent);
    const agents = agent?.agentDaemonSet.state === 'known' ? agent.agentDaemonSet.value : pod.workload;
    return {
      ...finding('permission-denied', {}),
      culprit: label && agent.csiDaemonSet.state === 'known' ? agent.csiDaemonSet.value : agents,
      fix: label ?? {
        summary: 'Let the driver and the agent label the directory for SELinux, or open it on the node.',
        durable: 'global.openshift or selinux settings of the SPIRE chart',
        impact: 'cluster-wide',
        manual: 'it is a setting of the node',
      },
    };
  }
  if (served && agent?.agentOnNode.state === 'known' && agent.agentOnNode.value.ready)
    return { ...finding('stale-mount', { node: pod.node ?? '' }), fix: restart };
  const hint = CHART_NAMES.includes(name)
    ? 'The name is one that SPIRE charts serve: look at the agent on that node first.'
    : `SPIRE charts serve ${CHART_NAMES.join(', ')}, never ${name || 'this'}; the agent's configuration could not be read.`;
  const fixed = addressFinding(
    it,
    'cannot-connect',
    { said, hint },
    address,
    `${address.value.slice(0, address.value.length - name.length)}${USUAL_NAME}`,
  );
  const { fix, ...rest } = fixed;
  const ready = agent?.agentOnNode.state === 'known' && agent.agentOnNode.value.ready;
  const advice: Fix =
    ready && restart.commands.length > 0
      ? {
          ...restart,
          summary:
            'Restart the pods one after the other: the agent on this node is ready, and they may have a directory of before.',
          preconditions: [`the agent serves ${name}; its configuration was not seen`],
        }
      : {
          summary: 'Find out which socket the agent on this node serves, and whether it runs.',
          impact: 'none',
          manual: 'what the agent serves was not seen',
        };
  return {
    ...rest,
    evidence: [...rest.evidence, ...evidence],
    fix:
      CHART_NAMES.includes(name) || !fix
        ? advice
        : { ...fix, preconditions: [...(fix.preconditions ?? []), 'the agent serves a socket of this name'] },
  };
}

/** Failing is normal in the first minute of a pod, or of the agent that it dials. */
export function tooYoung({ pod, now }: HelperCase, agent: ServingAgent | undefined): Unknown | undefined {
  if (pod.createdAt !== undefined && now - pod.createdAt < YOUNG_MS)
    return unknown('too-young', 'the pod is younger than a minute and has not reached the Workload API yet');
  const started = agent?.agentOnNode.state === 'known' ? agent.agentOnNode.value.startedAt : 0;
  return started > 0 && now - started < YOUNG_MS
    ? unknown(
        'too-young',
        'the agent on the node started less than a minute ago; the helper has not connected again yet',
      )
    : undefined;
}
