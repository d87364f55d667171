import { cannotTell, defineCheck, type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { lookAtClocks } from './clock.ts';
import { isSettled, isUsable, lookAtBundle, lookAtEmptySvid, presentFile, rotating } from './files.ts';
import { intermediateUnseen } from './intermediate.ts';
import type { Look, OwnFinding } from './look.ts';
import { messages } from './messages.ts';
import { lookAtKey } from './pair.ts';
import { lookAtRotation } from './rotation.ts';
import { lookAtChain, outageOf } from './trust.ts';

export default defineCheck({
  id: 'svid-valid',
  title: 'The SVID on disk is valid, trusted, complete and rotated in time',
  stage: 'identity',
  guide: 'Verification',
  after: ['svid-issued'],
  messages,
  subject: 'haproxy-pod',
  needs: ['svidFiles', 'pod'],
  wants: ['servingAgents', 'helperConfigs'],
  judge({ svidFiles, pod, servingAgents, helperConfigs }) {
    if (svidFiles.state !== 'known' || pod.state !== 'known') {
      return cannotTell(unknown('no-evidence', 'the pod\u2019s files were not seen'));
    }
    const files = svidFiles.value;
    const settled = isSettled(files);
    const basis = 'observed';
    const place = { files, pod: pod.value, agents: servingAgents };
    const bundleFindings = lookAtBundle(place);
    const svid = presentFile(files.svid);
    if (svid.state === 'unknown') return { findings: bundleFindings, cannotTell: svid, basis };
    const [leaf] = svid.value.certificates;
    if (!leaf) {
      if (!settled) return cannotTell(rotating(files));
      return { findings: [...lookAtEmptySvid(place, svid.value), ...bundleFindings], basis };
    }
    const look: Look = { ...place, leaf, svid: svid.value };
    const rotation = lookAtRotation(look);
    const bundle = presentFile(files.bundle);
    const usable = bundle.state === 'known' && isUsable(bundle.value) ? bundle.value : undefined;
    // Between two files of one rotation nothing fits together; that is not a fault yet.
    const pairing: OwnFinding[] = [];
    if (files.key.state === 'known') pairing.push(...lookAtKey(look, files.key.value, helperConfigs));
    if (usable) pairing.push(...lookAtChain(look, usable, helperConfigs));
    const torn = !settled && (pairing.length > 0 || (bundle.state === 'known' && !usable));
    const blind =
      rotation.cannotTell ?? (bundle.state === 'unknown' ? bundle : undefined) ?? (torn ? rotating(files) : undefined);
    return {
      findings: [...rotation.findings, ...lookAtClocks(look), ...bundleFindings, ...(settled ? pairing : [])],
      basis,
      unseen: [...unseenParts(files), ...(usable ? intermediateUnseen(look, usable, helperConfigs) : [])],
      outage: outageOf(look, files.bundle),
      ...(blind ? { cannotTell: blind } : {}),
    };
  },
});

function unseenParts({ key }: SvidFiles): readonly Unseen[] {
  if (key.state !== 'known') return unseenOf('the file of the private key', key);
  return unseenOf('the public half of the private key', key.value.spkiSha256);
}
