import { span, utc } from '../../src/evidence/x509/spans.ts';
import { CLOCK_TOLERANCE, fileOf, type Look, type OwnFinding } from './look.ts';

/** The pod's clock is read up to this long after the moment that the API server noted: HAProxy is asked first. */
const PROBE_LASTS = 20_000;
/** From here on certificates of other nodes, predated by ten seconds, fail in this pod just after their rotation. */
const HARMFUL = 60_000;

/** Judged by the API server's clock, which stands for that of the peers; the pod's own is compared with it. */
export function lookAtClocks({ leaf, files, pod }: Look): readonly OwnFinding[] {
  const findings: OwnFinding[] = [];
  const ahead = leaf.notBefore - files.at;
  if (ahead > CLOCK_TOLERANCE) {
    findings.push({
      message: 'not-yet-valid',
      data: { path: files.paths.svid, notBefore: utc(leaf.notBefore), ahead: span(ahead) },
      culprit: pod.workload,
      evidence: [
        {
          from: fileOf(pod, files.paths.svid),
          excerpt: `notBefore ${utc(leaf.notBefore)}, API server ${utc(files.at)}`,
        },
      ],
      fix: {
        summary: 'Set the clock of the node on which spire-server runs, and wait; the SVID becomes valid by itself.',
        impact: 'none',
        manual: 'Clocks are set on the nodes (chrony, systemd-timesyncd), not through the Kubernetes API.',
      },
    });
  }
  const skew = files.podNow - files.at;
  if (skew < -HARMFUL || skew > HARMFUL + PROBE_LASTS) {
    const invalid = leaf.notAfter < files.podNow || leaf.notBefore > files.podNow + CLOCK_TOLERANCE;
    findings.push({
      message: 'clock-skew',
      severity: invalid ? 'fail' : 'warn',
      data: {
        node: pod.node ?? 'of the pod',
        skew: span(skew),
        direction: skew < 0 ? 'behind' : 'ahead of',
        consequence: invalid
          ? ' By that clock the SVID is not valid, and neither are those of backends that were issued with it.'
          : ' HAProxy judges the certificates of backends by it, and refuses those that seem expired or not yet valid.',
      },
      culprit: pod.node === undefined ? pod.workload : { kind: 'Node', name: pod.node },
      evidence: [
        { from: { object: pod.ref, field: 'date +%s' }, excerpt: `${utc(files.podNow)}, API server ${utc(files.at)}` },
      ],
      fix: {
        summary: 'Set the clock of the node.',
        impact: 'none',
        manual: 'Clocks are set on the nodes (chrony, systemd-timesyncd), not through the Kubernetes API.',
      },
    });
  }
  return findings;
}
