import type { DoctorReport, Result, ResultState, RootCause, SubjectRef } from '../../src/doctor/report.ts';
import { RESULT_STATES } from '../../src/doctor/report.ts';

const DOCS = 'https://docs.example/checks';
const GUIDE = 'https://guide.example/spiffe-mtls/';

export function pod(number: number): SubjectRef {
  return { kind: 'Pod', namespace: 'haptic', name: `haptic-haproxy-${number}` };
}

export function result(check: string, subject: SubjectRef, state: ResultState, rest: Partial<Result> = {}): Result {
  return {
    check,
    stage: 'helper',
    subject,
    selected: true,
    state,
    ...(state === 'ok' || state === 'warn' || state === 'fail' ? { basis: 'observed' as const } : {}),
    findings: [],
    unseen: [],
    blockedBy: [],
    why: null,
    detail: null,
    docs: `${DOCS}/${check}/doc.md`,
    guide: `${GUIDE}#verification`,
    ...rest,
  };
}

/** A report whose summary counts its results. */
export function report(parts: Partial<DoctorReport> = {}): DoctorReport {
  const results = parts.results ?? [];
  const count = (state: ResultState) => results.filter((one) => one.selected && one.state === state).length;
  return {
    apiVersion: 'haptic-spire.dev/v1',
    kind: 'DoctorReport',
    metadata: {
      tool: { name: 'kubectl-haptic_spire', version: '0.1.0' },
      generatedAt: '2026-11-22T03:00:02Z',
      durationMs: 1830,
      source: {
        kind: 'live',
        context: 'prod',
        server: 'https://prod.example:6443',
        observedAt: '2026-11-22T03:00:00Z',
        complete: true,
      },
      requests: { list: 14, exec: 2, log: 4, other: 1 },
      notes: [],
    },
    verdict: 'healthy',
    exitCode: 0,
    summary: Object.fromEntries(RESULT_STATES.map((state) => [state, count(state)])) as DoctorReport['summary'],
    timeToOutage: { state: 'none', because: 'nothing in the chain ends by itself' },
    rootCauses: [],
    results,
    notCollected: [],
    ...parts,
  };
}

const WRONG_NAME: RootCause = {
  check: 'csi-socket-name',
  message: 'wrong-name',
  severity: 'fail',
  phase: 'active',
  certainty: 'proven',
  unseenUpstream: [],
  culprit: { kind: 'ConfigMap', namespace: 'haptic', name: 'haptic-spiffe-helper-config' },
  subjects: [pod(0), pod(1)],
  affected: { n: 2, of: 2 },
  text: 'spiffe-helper dials /spiffe-workload-api/agent.sock, but the SPIRE agent serves spire-agent.sock, api.sock and socket in that directory.',
  since: '2026-11-22T02:41:10Z',
  evidence: [
    {
      from: 'ConfigMap haptic/haptic-spiffe-helper-config, data["helper.conf"] line 1',
      excerpt: 'agent_address = "/spiffe-workload-api/agent.sock"',
    },
    {
      from: 'ConfigMap spire-server/spire-agent, data["agent.conf"]',
      excerpt: 'socket_path: /run/spire/agent-sockets/spire-agent.sock',
    },
  ],
  fix: {
    summary: 'Name the socket that the agent serves.',
    commands: [
      `kubectl --context prod -n haptic patch configmap haptic-spiffe-helper-config --type merge -p '{"data":{"helper.conf":"agent_address = \\"/spiffe-workload-api/spire-agent.sock\\"\\ncert_dir = \\"/etc/haproxy/spiffe\\"\\n"}}'`,
      'kubectl --context prod -n haptic rollout restart deployment/haptic-haproxy',
    ],
    edit: {
      file: 'ConfigMap haptic/haptic-spiffe-helper-config, data["helper.conf"]',
      line: 1,
      before: 'agent_address = "/spiffe-workload-api/agent.sock"',
      after: 'agent_address = "/spiffe-workload-api/spire-agent.sock"',
    },
    durable: 'Helm value haproxy.extraVolumes of release haptic',
    managedBy: 'Helm release haptic',
    impact: 'rollout',
    preconditions: [
      'kubectl --context prod -n spire-server rollout status daemonset/spire-agent says that all agents run',
    ],
    undo: 'kubectl --context prod -n haptic rollout undo deployment/haptic-haproxy',
  },
  avoid: ["don't restart the SPIRE agents: they serve other workloads and are well"],
  docs: `${DOCS}/csi-socket-name/doc.md#wrong-name`,
  guide: `${GUIDE}#spiffe-helper-cannot-connect-to-spire-agent`,
};

function findingOf(cause: RootCause): Result['findings'][number] {
  const { message, severity, phase, text, culprit, evidence, avoid, docs, guide } = cause;
  return {
    message,
    severity,
    phase,
    text,
    data: {},
    culprit,
    evidence,
    avoid,
    docs,
    guide,
    ...(cause.fix === undefined ? {} : { fix: cause.fix }),
  };
}

const BLOCKED_BY = (number: number) => ({ blockedBy: [{ check: 'csi-socket-name', subject: pod(number) }] });

/** Two pods, a wrong socket name, one permission missing. */
export const WRONG_SOCKET: DoctorReport = report({
  verdict: 'broken',
  exitCode: 1,
  timeToOutage: {
    state: 'known',
    at: '2026-11-22T03:40:00Z',
    seconds: 2400,
    because: 'the SVID in memory ends and no other follows',
    subject: pod(0),
  },
  rootCauses: [WRONG_NAME],
  results: [0, 1].flatMap((number) => [
    result('csi-socket-name', pod(number), 'fail', { stage: 'workload-api', findings: [findingOf(WRONG_NAME)] }),
    result('helper-config-syntax', pod(number), 'ok', { basis: 'declared' }),
    result('helper-image-tag', pod(number), 'ok'),
    result('file-ownership', pod(number), 'unknown', {
      stage: 'files',
      why: 'forbidden',
      detail: 'nothing could be run in the pod',
      rule: { verb: 'create', group: '', resource: 'pods/exec', namespace: 'haptic' },
    }),
    result('svid-issued', pod(number), 'blocked', { stage: 'identity', ...BLOCKED_BY(number) }),
    result('svid-valid', pod(number), 'blocked', { stage: 'identity', ...BLOCKED_BY(number) }),
    result('cert-loaded', pod(number), 'blocked', { stage: 'haproxy', ...BLOCKED_BY(number) }),
  ]),
  notCollected: [0, 1].map((number) => ({
    what: `the probe in Pod haptic/haptic-haproxy-${number}`,
    why: 'forbidden' as const,
    detail: 'User "oncall" cannot create resource "pods/exec" in API group "" in the namespace "haptic"',
    rule: { verb: 'create', group: '', resource: 'pods/exec', namespace: 'haptic' },
  })),
});

/** Everything is in place. */
export const HEALTHY: DoctorReport = report({
  timeToOutage: {
    state: 'known',
    at: '2026-11-22T03:40:00Z',
    seconds: 2400,
    because: 'the SVID in memory ends',
    subject: pod(0),
  },
  results: [0, 1].flatMap((number) => [
    result('helper-image-tag', pod(number), 'ok'),
    result('csi-socket-name', pod(number), 'ok', {
      stage: 'workload-api',
      unseen: [{ what: 'agent.conf', why: 'forbidden' }],
    }),
    result('svid-valid', pod(number), 'ok', { stage: 'identity' }),
    result('cert-loaded', pod(number), 'ok', { stage: 'haproxy' }),
  ]),
});

/** A hundred pods; the SVID of three cannot be looked at. */
export const HUNDRED_PODS: DoctorReport = report({
  verdict: 'inconclusive',
  exitCode: 2,
  results: Array.from({ length: 100 }, (_, number) => [
    result('helper-image-tag', pod(number), 'ok'),
    number < 3
      ? result('svid-valid', pod(number), 'unknown', {
          stage: 'identity',
          why: 'deadline',
          detail: 'the pod was not asked in time',
        })
      : result('svid-valid', pod(number), 'ok', { stage: 'identity' }),
  ]).flat(),
  notCollected: Array.from({ length: 3 }, (_, number) => ({
    what: `the probe in Pod haptic/haptic-haproxy-${number}`,
    why: 'deadline' as const,
    detail: 'raise --timeout',
  })),
});

/** Rendered files with the socket's name wrong. */
export const BROKEN_FILES: DoctorReport = report({
  verdict: 'broken',
  exitCode: 1,
  metadata: {
    tool: { name: 'kubectl-haptic_spire', version: '0.1.0' },
    generatedAt: '2026-11-22T03:00:02Z',
    durationMs: 40,
    source: { kind: 'manifests', observedAt: '2026-11-22T03:00:00Z', complete: true },
    requests: { list: 0, exec: 0, log: 0, other: 0 },
    notes: ['HAPTIC 0.12 is newer than what this version was tested with.'],
  },
  timeToOutage: { state: 'unknown', because: 'files show nothing that runs' },
  rootCauses: [
    {
      ...WRONG_NAME,
      subjects: [{ kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' }],
      affected: { n: 1, of: 1 },
      evidence: [{ from: 'haptic.yaml:212, ConfigMap haptic/haptic-spiffe-helper-config, data["helper.conf"] line 1' }],
      fix: {
        summary: 'Name the socket that the agent serves.',
        commands: [],
        edit: {
          file: 'haptic.yaml',
          line: 212,
          before: '    agent_address = "/spiffe-workload-api/agent.sock"',
          after: '    agent_address = "/spiffe-workload-api/spire-agent.sock"',
        },
        impact: 'rollout',
        preconditions: [],
      },
    },
  ],
  results: [
    result('csi-socket-name', { kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' }, 'fail', {
      basis: 'declared',
      stage: 'workload-api',
      findings: [findingOf({ ...WRONG_NAME, since: undefined } as RootCause)],
    }),
    result('cert-loaded', { kind: 'Deployment', namespace: 'haptic', name: 'haptic-haproxy' }, 'skipped', {
      stage: 'haproxy',
      why: 'needs-live',
    }),
  ],
});
