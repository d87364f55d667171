import type { Fix } from '../../src/doctor/check.ts';
import { isAgentReady } from '../../src/evidence/pod-replacement.ts';
import { type ObjectRef, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { scaleUp } from '../../src/evidence/scale-up.ts';
import { span, utc } from '../../src/evidence/x509/spans.ts';
import { fileOf, type Look, type OwnFinding } from './look.ts';
import { KEEP_PODS } from './messages.ts';
import { replacePods } from './replace-pods.ts';

const HOUR = 3_600_000;
/** `availability_target` changes nothing for SVIDs that outlive it by less. */
const TARGET_HEADROOM = 12 * HOUR;
/** The least that an agent accepts as `availability_target`. */
const LEAST_TARGET = 24 * HOUR;
/** Of what is left when an agent renews: below the first share it is late, below the second it will not come by itself. */
const LATE = 0.8;
const TOO_LATE = 0.2;

const KEEPS = 'Those that run have theirs until {notAfter}.';

/** Expired, or not replaced when the agent replaces SVIDs. Unknown when that moment cannot be known. */
export function lookAtRotation(look: Look): {
  readonly findings: readonly OwnFinding[];
  readonly cannotTell?: Unknown;
} {
  const { files, leaf } = look;
  const left = leaf.notAfter - files.at;
  if (left < 0) return { findings: [finding(look, 'expired', left)] };
  const renewal = renewalOf(look);
  if (typeof renewal !== 'number') {
    // Half of a long lifetime may be too early, but no setting lets it come later than this.
    const certain = Math.min(leaf.notAfter - leaf.notBefore, 2 * LEAST_TARGET) / 2;
    return left < LATE * certain ? { findings: [overdue(look, left, certain)] } : { findings: [], cannotTell: renewal };
  }
  return { findings: left < LATE * renewal ? [overdue(look, left, renewal)] : [] };
}

/** How much is left of the lifetime when the agent renews; unknown when it matters whether a target is configured. */
function renewalOf({ leaf, files, agents }: Look): number | Unknown {
  const lifetime = leaf.notAfter - leaf.notBefore;
  const left = leaf.notAfter - files.at;
  const half = lifetime / 2;
  if (lifetime <= TARGET_HEADROOM + LEAST_TARGET || left >= LATE * half) return half;
  if (agents.state === 'unknown') return agents;
  const targets = agents.state === 'known' ? agents.value.map(({ availabilityTarget }) => availabilityTarget) : [];
  const blind = targets.find((target) => target.state === 'unknown');
  if (blind?.state === 'unknown')
    return unknown(blind.why, `availability_target of the agent: ${blind.detail}`, blind.rule);
  const set = targets.flatMap((target) => (target.state === 'known' ? [target.value] : []));
  const [target] = set.filter((value) => value > 0 && lifetime - value > TARGET_HEADROOM).sort((a, b) => a - b);
  return target ?? half;
}

function overdue(look: Look, left: number, renewal: number): OwnFinding {
  const base = finding(look, 'rotation-overdue', left);
  const late: OwnFinding = { ...base, data: { ...base.data, due: span(renewal) } };
  return left < TOO_LATE * renewal ? { ...late, severity: 'fail' } : late;
}

function finding(look: Look, message: 'expired' | 'rotation-overdue', left: number): OwnFinding {
  const { files, leaf, svid, pod } = look;
  const trouble = troubleOf(look);
  return {
    message,
    data: {
      path: files.paths.svid,
      notAfter: utc(leaf.notAfter),
      written: `${utc(svid.stat.mtime - (files.podNow - files.at))}`,
      ago: span(left),
      left: `in ${span(left)}`,
      percent: Math.max(0, Math.round((100 * left) / (leaf.notAfter - leaf.notBefore))),
      due: '',
      agent: trouble ? ` ${trouble.words}` : '',
    },
    culprit: trouble?.culprit ?? pod.workload,
    evidence: [
      {
        from: fileOf(pod, files.paths.svid),
        excerpt: `${leaf.uris[0] ?? leaf.subject}, ${utc(leaf.notBefore)} to ${utc(leaf.notAfter)}`,
      },
      ...(trouble?.evidence ?? []),
    ],
    ...(left < 0 ? { since: leaf.notAfter } : {}),
    ...(!trouble && isIssuedElsewhere(look)
      ? {}
      : { avoid: [left < 0 ? KEEP_PODS : `${KEEP_PODS} ${KEEPS}`], starvesNewPods: true }),
    fix: trouble?.fix ?? restartPods(look),
  };
}

interface Trouble {
  readonly words: string;
  readonly culprit: OwnFinding['culprit'];
  readonly evidence: OwnFinding['evidence'];
  readonly fix: Fix;
}

/** What was seen wrong with the server, or the agent that serves the pod; undefined when both run or were not seen. */
function troubleOf({ agents }: Look): Trouble | undefined {
  for (const { agentOnNode, agentDaemonSet, server } of agents.state === 'known' ? agents.value : []) {
    if (server?.replicas === 0) {
      const { ref } = server;
      const why = 'agents renew nothing without the SPIRE server; once it runs they do, and the helper writes it';
      return {
        words: `The SPIRE server (${ref.kind} ${ref.namespace}/${ref.name}) has no replica.`,
        culprit: ref,
        evidence: [{ from: { object: ref, field: 'spec.replicas' }, excerpt: '0' }],
        fix: { ...scaleUp(ref, why), durable: 'spire-server.replicaCount of the SPIRE chart', impact: 'cluster-wide' },
      };
    }
    if (agentDaemonSet.state !== 'known') continue;
    const culprit = agentDaemonSet.value;
    if (agentOnNode.state === 'absent') {
      return {
        words: `No SPIRE agent runs on the pod\u2019s node (${agentOnNode.what}).`,
        culprit,
        evidence: [{ from: agentOnNode.from }],
        fix: restartAgent(culprit),
      };
    }
    if (agentOnNode.state === 'known' && !agentOnNode.value.ready) {
      const { ref, trouble } = agentOnNode.value;
      const excerpt = trouble.at(-1);
      const words = `The SPIRE agent ${ref.name} is not ready.`;
      const evidence = [{ from: agentOnNode.from, ...(excerpt === undefined ? {} : { excerpt }) }];
      return { words, culprit, evidence, fix: restartAgent(culprit) };
    }
  }
  return undefined;
}

function restartAgent({ namespace, name }: ObjectRef): Fix {
  const scope = namespace === undefined ? {} : { namespace };
  return {
    summary:
      'Make the SPIRE agent run again; it renews the SVID by itself and the helper writes it, without a restart of HAProxy.',
    commands: [
      { ...scope, args: ['logs', `daemonset/${name}`, '--tail=50'] },
      { ...scope, args: ['rollout', 'restart', `daemonset/${name}`] },
    ],
    impact: 'cluster-wide',
    preconditions: [
      'The agent\u2019s log names no cause that a restart would not change (server unreachable, agent banned, disk full).',
    ],
  };
}

/** The agent is ready, and another pod got an SVID after this one's was due for renewal. */
export function isIssuedElsewhere({ agents, files, leaf }: Look): boolean {
  return isAgentReady(agents) && (files.newestElsewhere ?? 0) > (leaf.notBefore + leaf.notAfter) / 2;
}

/** A helper whose watch died starts anew with the pod; but a new pod has nothing unless SPIRE issues. */
function restartPods(look: Look): Fix {
  const { pod } = look;
  if (isIssuedElsewhere(look)) {
    const summary =
      'Start the helper anew: SPIRE issues (another pod has a newer SVID), so replace the pods one after another.';
    return replacePods(look, summary, []);
  }
  const helper = pod.containers.find(({ role }) => role === 'spiffe-helper');
  const { namespace, name } = pod.ref;
  const scope = namespace === undefined ? {} : { namespace };
  return {
    summary:
      'Find out whether SPIRE issues at all: read what the helper says, then the logs of the agent on the pod\u2019s node and of the server.',
    ...(helper ? { commands: [{ ...scope, args: ['logs', name, '-c', helper.name, '--tail=20'] }] } : {}),
    impact: 'none',
    manual:
      'No newer SVID was seen anywhere. Only when SPIRE issues again does a restart of the HAProxy workload help.',
  };
}
