import type { Fix, Outage } from '../../src/doctor/check.ts';
import type { HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import type { CertificateFile } from '../../src/evidence/facts/svid-files.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { type Chain, verifyChain } from '../../src/evidence/x509/chain.ts';
import { span, utc } from '../../src/evidence/x509/spans.ts';
import { lookAtIntermediate } from './intermediate.ts';
import { CLOCK_TOLERANCE, fileOf, type Look, type OwnFinding } from './look.ts';
import { replacePods } from './replace-pods.ts';
import { isIssuedElsewhere } from './rotation.ts';

const TOGETHER = 'Replace the pods one after another: a new helper gets SVID and bundle together from the agent.';
const SAME_SERVER =
  'The SPIRE agent on the pod\u2019s node belongs to the SPIRE server that runs now; after a new installation of SPIRE restart its agents first.';

/** What a peer with this bundle makes of the SVID. */
export function lookAtChain(
  look: Look,
  bundle: CertificateFile,
  configs: Reading<readonly HelperConfigView[]>,
): readonly OwnFinding[] {
  const { leaf, files, pod } = look;
  const chain = chainOf(look, bundle);
  const data = { path: files.paths.svid, bundle: files.paths.bundle };
  const evidence = [
    { from: fileOf(pod, files.paths.svid), excerpt: `issuer ${leaf.issuer}` },
    {
      from: fileOf(pod, files.paths.bundle),
      excerpt: bundle.certificates
        .slice(0, 3)
        .map(({ subject }) => subject)
        .join(' | '),
    },
  ];
  const common = { culprit: pod.workload, evidence, fix: replacePods(look, TOGETHER, [SAME_SERVER]) };
  if (!chain.complete) {
    return [{ message: 'not-trusted', data: { ...data, detail: chain.detail }, ...common }];
  }
  const findings: OwnFinding[] = [];
  for (const authority of chain.untimely) {
    // The pod's clock and the authority's may differ a little.
    if (authority.notBefore > files.at && authority.notBefore <= files.at + CLOCK_TOLERANCE) continue;
    const ended = authority.notAfter < files.at;
    const when = ended
      ? `expired at ${utc(authority.notAfter)}, ${span(files.at - authority.notAfter)} ago`
      : `is valid only from ${utc(authority.notBefore)}`;
    findings.push({
      message: 'authority-not-valid',
      data: { ...data, subject: authority.subject, when },
      ...common,
      fix: ended ? newAuthority(look) : renewAuthority(),
    });
  }
  const brief = chain.path
    .slice(1)
    .find((authority) => authority.notAfter < leaf.notAfter && authority.notAfter >= files.at);
  if (brief) {
    const dates = { notAfter: utc(brief.notAfter), leafNotAfter: utc(leaf.notAfter) };
    findings.push({
      message: 'authority-expires-first',
      data: { ...data, subject: brief.subject, ...dates },
      ...common,
      fix: renewAuthority(),
    });
  }
  const moved = lookAtIntermediate(look, bundle, configs);
  return moved ? [...findings, moved] : findings;
}

export function outageOf(look: Look, bundle: Reading<CertificateFile>): Outage {
  const { leaf, files } = look;
  const chain = bundle.state === 'known' ? chainOf(look, bundle.value) : undefined;
  const authorities = chain?.complete ? chain.path.slice(1) : [];
  const first = authorities.reduce((soonest, next) => (next.notAfter < soonest.notAfter ? next : soonest), leaf);
  return first === leaf
    ? { at: leaf.notAfter, because: `the SVID in ${files.paths.svid} expires` }
    : { at: first.notAfter, because: `the authority ${first.subject} of the SVID expires` };
}

function chainOf({ leaf, svid, files }: Look, bundle: CertificateFile): Chain {
  return verifyChain(leaf, svid.certificates.slice(1), bundle.certificates, files.at);
}

/** SPIRE works with a newer authority already when another pod got an SVID since; a helper that hangs knows nothing of it. */
function newAuthority(look: Look): Fix {
  return isIssuedElsewhere(look) ? replacePods(look, TOGETHER, []) : renewAuthority();
}

function renewAuthority(): Fix {
  return {
    summary: 'Have the authority above SPIRE renewed, or shorten ca_ttl so that SPIRE prepares the next one in time.',
    impact: 'cluster-wide',
    manual: 'Authorities are renewed by SPIRE and by the authority above it, not by a change to HAPTIC.',
  };
}
