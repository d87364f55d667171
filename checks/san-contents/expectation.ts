import { type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { Registration } from '../../src/evidence/facts/registration.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { replacementOf } from '../../src/evidence/pod-replacement.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, valueOr } from '../../src/evidence/reading.ts';
import { parseSpiffeId } from '../../src/evidence/x509/spiffe-id.ts';
import type { HaproxyFinding } from './placement.ts';

/** Whether the SVID is the one that this pod should have; says nothing where what it should have was not seen. */
export function expectationFindings(
  pod: PodView,
  { paths }: SvidFiles,
  { uris }: Certificate,
  agents: Reading<readonly ServingAgent[]>,
  registration: Reading<Registration>,
): readonly HaproxyFinding[] {
  const [uri = ''] = uris;
  const id = parseSpiffeId(uri);
  if (uris.length !== 1 || !id.ok || id.path === '') return [];
  const domains = trustDomainsOf(agents);
  const from = { object: pod.ref, field: paths.svid };
  if (domains && !domains.some(({ value }) => value === id.trustDomain)) {
    const expected = domains.map(({ value }) => value).join(' or ');
    return [
      {
        message: 'unexpected-trust-domain',
        data: { path: paths.svid, uri, expected },
        culprit: pod.workload,
        evidence: [{ from, excerpt: uri }, ...domains.map((domain) => ({ from: domain.from, excerpt: domain.value }))],
        fix: restart(pod, agents, 'Replace the pods, so that the agent that serves them now issues anew.'),
      },
    ];
  }
  const expected = expectedIds(registration);
  if (!expected || expected.includes(uri)) return [];
  return [
    {
      message: 'unexpected-spiffe-id',
      data: { path: paths.svid, uri, expected: expected.join(' or ') },
      culprit: pod.workload,
      evidence: [{ from, excerpt: uri }],
      fix: restart(
        pod,
        agents,
        'Replace the pods, so that they get what the ClusterSPIFFEIDs say now; or admit the present ID at the backends.',
      ),
    },
  ];
}

/** What would have told which SVID the pod should have. */
export function expectationUnseen(
  agents: Reading<readonly ServingAgent[]>,
  registration: Reading<Registration>,
): readonly Unseen[] {
  const domains = valueOr(agents, []).flatMap(({ driver, trustDomain }) =>
    unseenOf(`the trust domain of the agent behind ${driver}`, trustDomain),
  );
  return [
    ...unseenOf('the SPIRE agent', agents),
    ...domains,
    ...unseenOf('the ClusterSPIFFEIDs that register the pod', registration),
  ];
}

function trustDomainsOf(agents: Reading<readonly ServingAgent[]>) {
  if (agents.state !== 'known' || agents.value.length === 0) return undefined;
  const domains = agents.value.map(({ trustDomain }) => trustDomain);
  // One agent whose configuration was not seen may be the one that issued it.
  const known = domains.filter((domain) => domain.state === 'known');
  return known.length === domains.length ? known : undefined;
}

/** Undefined when entries were made otherwise, or one of the IDs could not be worked out. */
function expectedIds(registration: Reading<Registration>): readonly string[] | undefined {
  if (registration.state !== 'known' || registration.value.manualEntriesPossible) return undefined;
  const { effective, passedOver } = registration.value;
  if (passedOver.some(({ because }) => because === 'cannot-tell')) return undefined;
  const ids = effective.flatMap(({ spiffeId }) => (spiffeId === undefined ? [] : [spiffeId]));
  return ids.length > 0 && ids.length === effective.length ? ids : undefined;
}

function restart(pod: PodView, agents: Reading<readonly ServingAgent[]>, summary: string): HaproxyFinding['fix'] {
  return {
    summary,
    ...replacementOf(pod, agents),
    impact: 'rollout',
    preconditions: ['The SPIRE agent on the pod\u2019s node is ready: a new pod needs a new SVID.'],
  };
}
