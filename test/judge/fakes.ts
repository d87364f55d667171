import type { AnyExamination, Check, Finding, Judgement, Message, Moment } from '../../src/doctor/check.ts';
import { type JudgeOptions, judge } from '../../src/doctor/judge.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import type { JsonObject } from '../../src/evidence/json.ts';
import { API_VERSION, type NotCollected, type Snapshot } from '../../src/evidence/snapshot.ts';
import type { SubjectType } from '../../src/evidence/subject.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');

/** What a fake check says about each subject, by the subject's name; absent names are ok. */
export type Sayings = Readonly<Record<string, Judgement | (() => Judgement)>>;

interface FakeCheck {
  readonly after?: readonly string[];
  readonly stage?: Check['stage'];
  readonly subject?: SubjectType;
  readonly says?: Sayings;
  readonly more?: readonly AnyExamination[];
}

const MESSAGES: Readonly<Record<string, Message>> = {
  broken: { role: 'cause', severity: 'fail', text: '{name} is broken' },
  odd: { role: 'cause', severity: 'warn', text: '{name} is odd' },
  follows: { role: 'symptom', severity: 'fail', text: '{name} suffers' },
  murmurs: { role: 'symptom', severity: 'warn', text: '{name} murmurs' },
};

/** A check that looks at nothing but a subject's name and says what it was told to. */
export function fakeCheck(
  id: string,
  { after = [], stage = 'helper', subject = 'haproxy-pod', says = {}, more = [] }: FakeCheck = {},
): Check {
  return {
    id,
    title: `${id} is good`,
    stage,
    guide: 'Verification',
    after,
    messages: MESSAGES,
    examinations: [speaking(subject, says), ...more],
  };
}

export function speaking(subject: SubjectType, says: Sayings): AnyExamination {
  const fact = subject === 'haproxy-pod' || subject === 'controller-pod' ? 'pod' : 'installation';
  return {
    subject,
    needs: [fact],
    wants: [],
    judge: (evidence: Readonly<Record<string, { value?: { ref?: { name: string } } }>>, _at: Moment): Judgement => {
      const saying = says[evidence[fact]?.value?.ref?.name ?? ''] ?? [];
      return typeof saying === 'function' ? saying() : saying;
    },
  };
}

/** A finding about a pod, or about what all pods share when `culprit` is named. */
export function finding(message: string, name: string, more: Partial<Finding> = {}): Finding {
  return {
    message,
    data: { name },
    culprit: { kind: 'Pod', namespace: 'edge', name },
    evidence: [{ from: { field: 'spec' } }],
    ...more,
  };
}

export const SHARED = { kind: 'ConfigMap', namespace: 'edge', name: 'shared' };

/** All three pods say the same about something that they share. */
export function everybody(message: string, more: Partial<Finding> = {}): Sayings {
  return Object.fromEntries(
    ['lb-0', 'lb-1', 'lb-2'].map((name) => [name, [finding(message, name, { culprit: SHARED, ...more })]]),
  );
}

const KINDS = [
  'Pod',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'ReplicaSet',
  'Node',
  'HAProxyTemplateConfig',
  'Ingress',
  'ConfigMap',
];
const HAPROXY = { name: 'haproxy', image: 'haproxy:3.2', args: ['haproxy', '-W', '-f', '/etc/haproxy/haproxy.cfg'] };
const HELPER = { name: 'helper', image: 'spiffe-helper:0.11.0', args: ['-config', '/c/helper.conf'] };

/** A release's HAProxy pods, `lb-0` … on nodes `node-0` …, and its controller pod. */
export function release(
  namespace = 'edge',
  { pods = 3, prefix = 'lb', identities = true, instance = namespace } = {},
): JsonObject[] {
  const labels = (component: string) => ({ 'app.kubernetes.io/instance': instance, component });
  const pod = (name: string, index: number, component: string, containers: JsonObject[]): JsonObject => ({
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...labels(component), index: String(index) },
      ownerReferences: [{ kind: 'StatefulSet', name: `${prefix}-${component}`, controller: true }],
    },
    spec: { nodeName: `node-${index}`, containers },
    status: { phase: 'Running' },
  });
  const agent = { name: 'agent', image: 'haproxy:3.2', args: ['dataplaneapi'] };
  const controller = { name: 'controller', image: 'haptic:0.1', command: ['haptic-controller'] };
  return [
    ...Array.from({ length: pods }, (_, index) =>
      pod(`${prefix}-${index}`, index, 'proxy', [HAPROXY, agent, ...(identities ? [HELPER] : [])]),
    ),
    pod(`${prefix}-controller-0`, 0, 'controller', [controller]),
    {
      kind: 'HAProxyTemplateConfig',
      metadata: { name: `${prefix}-config`, namespace, labels: { 'app.kubernetes.io/instance': instance } },
      spec: { watchedResources: {}, templateSnippets: {} },
    },
  ];
}

interface FakeSnapshot {
  readonly objects?: readonly JsonObject[];
  readonly notCollected?: readonly NotCollected[];
  /** Kinds of which nothing was listed. */
  readonly without?: readonly string[];
  readonly source?: Snapshot['source'];
}

export function snapshotOf({
  objects = release(),
  notCollected = [],
  without = [],
  source = { kind: 'live', context: 'prod' },
}: FakeSnapshot = {}): Snapshot {
  const at = new Date(NOW).toISOString();
  return {
    apiVersion: API_VERSION,
    kind: 'Snapshot',
    tool: { name: 'test', version: '0' },
    observedAt: at,
    source,
    objects: objects.filter(({ kind }) => !without.includes(String(kind))).map((object) => ({ object, at })),
    coverage: source.kind === 'live' ? KINDS.filter((kind) => !without.includes(kind)).map((kind) => ({ kind })) : [],
    logs: [],
    probes: [],
    notCollected,
    redactions: [],
    requests: { list: 0, exec: 0, log: 0, other: 0 },
    notes: [],
  };
}

export function judged(
  checks: readonly Check[],
  options: Partial<JudgeOptions> = {},
  snapshot: Snapshot = snapshotOf(),
): DoctorReport {
  return judge(snapshot, {
    checks,
    failOn: 'fail',
    allowUnknown: [],
    tool: { name: 'test', version: '0' },
    docsBase: 'https://docs.example',
    guideBase: 'https://guide.example',
    generatedAt: NOW + 1,
    durationMs: 7,
    ...options,
  });
}

/** `check subject: state`, for those that match. */
export function states(report: DoctorReport, check?: string): readonly string[] {
  return report.results
    .filter((result) => check === undefined || result.check === check)
    .map(({ check: id, subject, state }) => `${id} ${subject.name}: ${state}`);
}
