import type { Evidence, Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, valueOr } from '../../src/evidence/reading.ts';
import { attestationOf } from './attestation.ts';
import type { Complaint } from './complaint.ts';
import type { FileSet } from './files.ts';
import { attestationFix, hintFix, lookAtEntriesFix, readLogFix, registerFix, startAnewFix } from './fixes.ts';

interface Scene {
  readonly pod: PodView;
  /** Findings about ClusterSPIFFEIDs. */
  readonly registered: readonly Finding[];
  readonly registration: Reading<Registration>;
  readonly agents: Reading<readonly ServingAgent[]>;
}

/** Findings from what the helper complains about. */
export function explain({ pod, registered, registration, agents }: Scene, complaint: Complaint): readonly Finding[] {
  const said = logEvidence(pod, complaint);
  const base = { culprit: pod.workload, evidence: [said], since: complaint.line.at };
  const who = {
    serviceAccount: pod.serviceAccount,
    namespace: pod.ref.namespace ?? '',
    node: pod.node ?? '?',
    quote: complaint.quote,
    until: '',
  };
  // Where no entry was ever made, it does not matter who the agent takes the pod for.
  const unregistered = complaint.kind === 'no-identity' && registered.length > 0;
  const unattested = unregistered ? undefined : attestationOf(agents, complaint);
  if (unattested) {
    const { culprit = pod.workload, quote, evidence } = unattested;
    return [
      {
        ...base,
        message: 'attestation-failed',
        data: { ...who, quote },
        culprit,
        evidence: [said, ...evidence],
        fix: attestationFix(pod, agents),
      },
    ];
  }
  switch (complaint.kind) {
    case 'no-identity':
      if (registered.length > 0)
        return registered.map((finding) => ({
          ...finding,
          evidence: [said, ...finding.evidence],
          since: complaint.line.at,
        }));
      if (registration.state === 'known' && registration.value.manualEntriesPossible) {
        return [{ ...base, message: 'not-registered', data: who, fix: registerFix(pod, registration.value) }];
      }
      return [
        {
          ...base,
          message: 'no-identity',
          data: who,
          ...awayController(registration),
          fix: lookAtEntriesFix(pod, registration),
        },
      ];
    case 'not-reached':
      return [
        {
          ...base,
          message: 'agent-not-reached',
          data: who,
          fix: {
            summary: 'bring back the SPIRE agent that serves this pod, or correct the address',
            manual: 'the check csi-socket-name says which of the two it is',
            impact: 'none',
          },
        },
      ];
    default:
      return [{ ...base, message: 'helper-error', data: who, fix: readLogFix(pod, complaint.helper) }];
  }
}

/** The controller-manager that would make the entry has been scaled to zero, with the server beside which it runs. */
function awayController(registration: Reading<Registration>): Partial<Pick<Finding, 'culprit'>> {
  const controller = registration.state === 'known' ? registration.value.controller : undefined;
  return controller?.replicas === 0 ? { culprit: controller.ref } : {};
}

/** The helper was told to wait for an SVID that will never come. */
export function hintNotFound(
  pod: PodView,
  complaint: Complaint,
  configs: Reading<readonly HelperConfigView[]>,
  registration: Reading<Registration>,
): Finding {
  const view = valueOr(configs, []).find(({ helper }) => helper === complaint.helper);
  const parsed = view?.parsed.state === 'known' && view.parsed.value.ok ? view.parsed.value.config : undefined;
  const source = view?.source.state === 'known' ? view.source.value : undefined;
  const hints =
    registration.state === 'known'
      ? registration.value.effective.flatMap(({ hint }) => (hint === undefined ? [] : [hint]))
      : [];
  const only = hints.length === 1 ? hints[0] : undefined;
  const line = parsed?.hint?.line;
  const before = line === undefined ? undefined : source?.text.split('\n')[line - 1];
  const fix = hintFix(pod, source, line, only);
  return {
    message: 'hint-not-found',
    data: { quote: complaint.quote, hint: parsed?.hint?.value ?? '', served: hints },
    culprit: source?.configMap ?? pod.workload,
    evidence: [
      logEvidence(pod, complaint),
      ...(source && line !== undefined
        ? [
            {
              from: {
                ...source.origin,
                line: (source.origin.file === undefined ? 0 : (source.origin.line ?? 1) - 1) + line,
              },
              ...(before === undefined ? {} : { excerpt: before.trim() }),
            },
          ]
        : []),
    ],
    since: complaint.line.at,
    fix,
  };
}

export function filesMissing(
  pod: PodView,
  { state, present, missing, from }: Exclude<FileSet, { state: 'complete' }>,
  agents: Reading<readonly ServingAgent[]>,
): Finding {
  return {
    message: state === 'none' ? 'no-files' : 'partial-files',
    data: { missing, present },
    culprit: pod.workload,
    evidence: from.map((origin) => ({ from: origin, excerpt: 'does not exist' })),
    fix: startAnewFix(pod, agents),
  };
}

export function notRunning(pod: PodView, container: ContainerView, agents: Reading<readonly ServingAgent[]>): Finding {
  const state = container.status?.state;
  const words =
    state?.now === 'waiting'
      ? `${state.reason} ${state.message}`.trim()
      : state?.now === 'terminated'
        ? `${state.reason}, exit code ${state.exitCode}`
        : 'not reported';
  return {
    message: 'helper-not-running',
    data: { container: container.name, state: words },
    culprit: pod.workload,
    evidence: [{ from: { object: pod.ref, field: `status of container ${container.name}` }, excerpt: words }],
    fix: state?.now === 'terminated' ? startAnewFix(pod, agents) : readLogFix(pod, container.name),
  };
}

export function noHelper(pod: PodView, fix: Fix): Finding {
  return {
    message: 'no-helper',
    data: { containers: pod.containers.map(({ name }) => name) },
    culprit: pod.workload,
    evidence: [
      {
        from: { object: pod.ref, field: 'spec.containers' },
        excerpt: pod.containers.map(({ name, image }) => `${name}: ${image.text}`).join(', '),
      },
    ],
    fix,
  };
}

function logEvidence(pod: PodView, { helper, line, quote }: Complaint): Evidence {
  return { from: { object: pod.ref, field: `log of ${helper}`, at: new Date(line.at).toISOString() }, excerpt: quote };
}
