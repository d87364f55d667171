import { cannotTell, defineCheck, type Finding, type Judged, unseenOf } from '../../src/doctor/check.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { failOpen, failOpenUnseen } from './fail-open.ts';
import { failedReload } from './loading.ts';
import { judgeMemory } from './memory.ts';
import { messages } from './messages.ts';
import { refusedPush } from './refused-push.ts';
import { judgeReloaders } from './reloader.ts';
import { type Scene, sceneOf, WANTS } from './scene.ts';
import { judgeTransactions } from './transactions.ts';

export default defineCheck({
  id: 'cert-loaded',
  title: 'HAProxy has the current SVID in memory and uses it towards its backends',
  stage: 'haproxy',
  guide: 'Verification',
  after: ['svid-issued', 'svid-valid', 'controller-placeholder'],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod'],
  wants: WANTS,
  judge: (evidence, at) => {
    const { pod } = evidence;
    if (pod.state !== 'known') return cannotTell(unknown('no-evidence', pod.what));
    return judgeScene(sceneOf(evidence, pod.value, at));
  },
});

function judgeScene(scene: Scene): Judged {
  const memory = judgeMemory(scene);
  const transactions = judgeTransactions(scene, memory.behind);
  const reloaders = judgeReloaders(scene, memory.behind);
  const failed = memory.behind || memory.findings.length === 0 ? failedReload(scene) : undefined;
  // What keeps memory behind explains that it is behind: one finding, with the difference as its evidence.
  const reasons = [...transactions.findings, ...(failed ? [failed] : []), ...reloaders];
  const live =
    memory.behind && reasons.length > 0
      ? reasons.map((reason) => withProof(reason, memory.findings))
      : [...memory.findings, ...reasons];
  const pushes = live.length === 0 ? refusedPush(scene) : [];
  const unlooked = failOpenUnseen(scene);
  // That no server line uses the SVID may be what is wrong, if somebody asks for it.
  const memoryless = memory.cannotTell?.why === 'nothing-uses-it' && unlooked ? unlooked : memory.cannotTell;
  const cannot = memoryless ?? transactions.cannotTell ?? unlooked;
  const open = failOpen(scene);
  return {
    findings: [...live, ...pushes, ...open],
    basis: memory.basis ?? 'declared',
    ...(cannot ? { cannotTell: cannot } : {}),
    unseen: [
      ...(memory.unseen ?? []),
      ...unseenOf('the rendered haproxy.cfg', scene.renderedConfig),
      ...unseenOf('the annotated Ingresses', scene.annotatedIngresses),
      ...unseenOf("the reloader's log", scene.reloaderLogs),
      ...(open.length > 0 ? unseenOf('the snippet that makes server lines', scene.snippet) : []),
    ],
    ...(memory.outage ? { outage: memory.outage } : {}),
  };
}

function withProof(reason: Finding, stale: readonly Finding[]): Finding {
  const [first] = stale;
  const since = reason.since ?? first?.since;
  return {
    ...reason,
    evidence: [...reason.evidence, ...(first?.evidence ?? [])],
    ...(since === undefined ? {} : { since }),
  };
}
