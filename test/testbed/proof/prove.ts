import type { DoctorReport } from '../../../src/doctor/report.ts';
import { textAt } from '../cluster/fields.ts';
import { isActive, isReady } from '../cluster/workloads/pod-standing.ts';
import type { Fault, HealthyVariant } from '../faults/fault.ts';
import { startTestbed, type Testbed } from '../installation.ts';
import { tickAll } from '../programs/shell.ts';
import { type Diagnosis, findingsOf, judgeReport, unknownsOf } from './judge-report.ts';
import { type DoctorRun, runDoctor, runLine } from './run-doctor.ts';

/** What came of one fault. */
export interface FaultProof {
  readonly fault: string;
  readonly ids: readonly string[];
  readonly diagnosis: Diagnosis;
  readonly alarms: readonly string[];
  readonly cure: 'cured' | 'not cured' | 'by hand';
  /** Why no command cures it. */
  readonly because?: string;
  /** Requests of clients that failed while the fix ran, where they were served before. */
  readonly lost: number;
  /** What to read when something of the above is not as it should be. */
  readonly story: readonly string[];
}

export interface HealthyProof {
  readonly variant: string;
  readonly alarms: readonly string[];
  readonly unknowns: readonly string[];
  /** Pods that are not Ready, where there are more or fewer than the variant says. */
  readonly unready: readonly string[];
  /** Why requests of clients failed; `no Ready pod` when there was nobody to send them to. */
  readonly lost: readonly string[];
}

const MINUTE = 60_000;
/** So many clients' requests an installation has to serve. */
const REQUESTS = 4;

/** Breaks an installation, lets the doctor look, does what it says, and lets it look again. */
export async function proveFault(fault: Fault, how: DoctorRun): Promise<FaultProof> {
  const testbed = await startTestbed(fault);
  const story: string[] = [];
  try {
    await fault.happens?.(testbed);
    await testbed.settle();
    const before = await look(testbed, story, how);
    const { diagnosis, cause, alarms } = judgeReport(before, fault.expect, fault.also);
    if (cause === undefined)
      return { fault: fault.name, ids: fault.ids, diagnosis, alarms, cure: 'not cured', lost: 0, story };
    const fix = cause.fix;
    story.push(`fix: ${fix?.summary ?? 'none'}${fix?.manual === undefined ? '' : ` (by hand: ${fix.manual})`}`);
    const traffic = testbed.traffic();
    await traffic.answered(REQUESTS);
    // Where clients are not served anyway, a fix cannot lose what they send.
    const disruptedBefore = traffic.record().failed.length > 0;
    const commands = fault.cure.by === 'commands' ? (fix?.commands ?? []) : [];
    for (const command of commands) {
      const ran = await runLine(command, testbed.env);
      story.push(
        `$ ${command}`,
        ...lines(ran.stdout),
        ...lines(ran.stderr),
        ...(ran.exitCode === 0 ? [] : [`exit ${ran.exitCode}`]),
      );
      await testbed.settle();
    }
    if (fault.cure.by === 'hand') await fault.cure.hand(testbed);
    else await fault.cure.afterwards?.(testbed);
    await testbed.settle();
    const { sent, failed } = await traffic.stop();
    story.push(
      `clients: ${sent} requests, ${failed.length} lost`,
      ...failed.slice(0, 5).map(({ pod, why }) => `  ${pod ?? ''} ${why}`),
    );
    // While the minutes go by, reloaders look at their files; in an installation that is made in seconds they may not have.
    await tickAll();
    await testbed.settle();
    testbed.age(5 * MINUTE);
    await testbed.settle();
    const after = await look(testbed, story, how);
    const green = after.exitCode === 0 && findingsOf(after).length === 0;
    if (fault.cure.by === 'commands' && commands.length === 0) story.push('no command is printed');
    return {
      fault: fault.name,
      ids: fault.ids,
      diagnosis,
      alarms,
      cure: !green ? 'not cured' : fault.cure.by === 'hand' ? 'by hand' : 'cured',
      ...(fault.cure.by === 'hand' ? { because: fault.cure.because } : {}),
      lost: disruptedBefore ? 0 : failed.length,
      story,
    };
  } finally {
    await testbed.close();
  }
}

/** Lets the doctor look at an installation in which nothing is wrong. */
export async function proveHealthy(
  variant: HealthyVariant,
): Promise<HealthyProof & { readonly story: readonly string[] }> {
  const testbed = await startTestbed(variant);
  const story: string[] = [];
  try {
    await variant.happens?.(testbed);
    await testbed.settle();
    const report = await look(testbed, story, 'here');
    const { clients } = variant;
    const traffic = testbed.traffic(clients && 'entrance' in clients ? clients.entrance : undefined);
    await traffic.answered(REQUESTS);
    const { failed } = await traffic.stop();
    const meant = clients && 'get' in clients ? clients.get : '200';
    const expected = variant.unknown ?? {};
    const unready = unreadyPods(testbed.store);
    return {
      variant: variant.name,
      alarms: findingsOf(report),
      unknowns: unknownsOf(report).filter((line) => expected[line.split(':')[0] ?? ''] === undefined),
      unready: unready.length === (variant.unready?.pods ?? 0) ? [] : unready,
      lost: failed.map(({ why }) => why).filter((why) => why !== meant),
      story,
    };
  } finally {
    await testbed.close();
  }
}

/** `haptic/haptic-haproxy-x`; without those that have ended or are leaving. */
function unreadyPods(store: Testbed['store']): readonly string[] {
  return store
    .view('Pod')
    .filter((pod) => isActive(pod) && !isReady(pod))
    .map((pod) => `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`);
}

async function look(testbed: Testbed, story: string[], how: DoctorRun): Promise<DoctorReport> {
  const { stdout, stderr, exitCode } = await runDoctor(['doctor', '-o', 'json'], testbed.env, how);
  if (stdout === '') throw new Error(`the doctor ended with ${exitCode}: ${stderr}\n${story.join('\n')}`);
  const report: DoctorReport = JSON.parse(stdout);
  if (exitCode !== report.exitCode) throw new Error(`the doctor ended with ${exitCode}, not ${report.exitCode}`);
  story.push(
    `doctor: ${report.verdict}, exit ${report.exitCode}`,
    ...report.rootCauses.map(
      ({ check, message, culprit, phase, severity, text }) =>
        `  ${severity} ${phase} ${check}/${message} ${culprit.kind} ${culprit.namespace ?? ''}/${culprit.name}: ${text}`,
    ),
    ...findingsOf(report).map((finding) => `  - ${finding}`),
    ...unknownsOf(report).map((unknown) => `  ? ${unknown}`),
  );
  return report;
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `  ${line}`);
}
