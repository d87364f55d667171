import type { Evidence, Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, valueOr } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';
import type { Complaint } from './complaint.ts';
import type { FileSet } from './files.ts';
import { attestationFix, lookAtEntriesFix, readLogFix, registerFix } from './fixes.ts';

/** Findings from what the helper complains about; `registered` are those about ClusterSPIFFEIDs. */
export function explain(
  pod: PodView,
  complaint: Complaint,
  registered: readonly Finding[],
  registration: Reading<Registration>,
): readonly Finding[] {
  const said = logEvidence(pod, complaint);
  const base = { culprit: pod.workload, evidence: [said], since: complaint.line.at };
  const who = {
    serviceAccount: pod.serviceAccount,
    namespace: pod.ref.namespace ?? '',
    node: pod.node ?? '?',
    quote: complaint.quote,
    until: '',
  };
  switch (complaint.kind) {
    case 'no-identity':
      if (registered.length > 0)
        return registered.map((finding) => ({
          ...finding,
          evidence: [said, ...finding.evidence],
          since: complaint.line.at,
        }));
      if (registration.state === 'known' && registration.value.manualEntriesPossible) {
        return [{ ...base, message: 'not-registered', data: who, fix: registerFix(pod) }];
      }
      return [{ ...base, message: 'no-identity', data: who, fix: lookAtEntriesFix(pod, registration) }];
    case 'attestation-failed':
      return [{ ...base, message: 'attestation-failed', data: who, fix: attestationFix(pod) }];
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
  const after =
    only === undefined ? '(remove the hint line to take the default SVID)' : `hint = ${JSON.stringify(only)}`;
  const fix: Fix = {
    summary:
      only === undefined
        ? 'use the hint of the ClusterSPIFFEID that registers this pod, or none'
        : `ask for the hint that the pod's ClusterSPIFFEID carries: ${only}`,
    ...(source
      ? {
          edit: {
            file: `ConfigMap ${source.configMap.namespace}/${source.configMap.name}, ${source.key}`,
            ...(line === undefined ? {} : { line }),
            ...(before === undefined ? {} : { before: before.trim() }),
            after,
          },
        }
      : {}),
    commands: restartOf(pod),
    preconditions: ['the edit has been applied: spiffe-helper reads its configuration only when it starts'],
    impact: 'rollout',
  };
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
): Finding {
  return {
    message: state === 'none' ? 'no-files' : 'partial-files',
    data: { missing, present },
    culprit: pod.workload,
    evidence: from.map((origin) => ({ from: origin, excerpt: 'does not exist or is empty' })),
    fix: readLogFix(pod, pod.containers.find(({ role }) => role === 'spiffe-helper')?.name ?? 'spiffe-helper'),
  };
}

export function notRunning(pod: PodView, container: ContainerView): Finding {
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
    fix: readLogFix(pod, container.name),
  };
}

export function noHelper(pod: PodView): Finding {
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
    fix: {
      summary: 'add the spiffe-helper sidecar to the HAProxy pods',
      durable: 'haproxy.sidecars in the values of the HAPTIC chart',
      manual: 'the sidecar needs volumes and a configuration of its own: the guide’s section shows all of them',
      impact: 'rollout',
    },
  };
}

function logEvidence(pod: PodView, { helper, line, quote }: Complaint): Evidence {
  return { from: { object: pod.ref, field: `log of ${helper}`, at: new Date(line.at).toISOString() }, excerpt: quote };
}
