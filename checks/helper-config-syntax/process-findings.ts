import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfig } from '../../src/evidence/facts/helpers.ts';
import { dropKeys, setTopLevel, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import { otherFlags, rolloutRestart, runningTextFix, SPIRE_ISSUES, templatePatch, textFix } from './fix.ts';
import { fatalPhase, type HelperScene, runningPhase, type SourcedScene, textFinding } from './scene.ts';

const START = { line: 1, column: 1 };
const TEMPLATE = 'the pod template of the workload (with the HAPTIC chart: haproxy.sidecars or haproxy.initContainers)';

/** Flags that end the process. */
export function flagFindings(scene: HelperScene): readonly Finding[] {
  const { view, pod, helper } = scene;
  return view.arguments.unknown.map((flag) => ({
    message: 'unknown-flag',
    data: { helper: view.helper, flag },
    culprit: pod.workload,
    evidence: [{ from: { object: pod.ref, field: `${helper.container.path}.args` }, excerpt: flag }],
    phase: fatalPhase(scene),
    fix: {
      summary:
        'Leave the flag out; spiffe-helper takes -config and -daemon-mode, everything else stands in helper.conf.',
      ...otherFlags(scene, 'what the flag was to achieve is for you to say', (words) => withoutFlag(words, flag)),
      durable: TEMPLATE,
      impact: 'rollout',
    },
  }));
}

/** Daemon mode against the place of the container: it must go on as a sidecar and must end as an init container. */
export function daemonFindings(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { view, pod, helper } = scene;
  const flag = view.arguments.daemonMode;
  const daemon = flag ?? config.daemonMode?.value ?? true;
  const { place } = helper.container;
  const at = config.daemonMode ?? START;
  if (place === 'init' && daemon) {
    const fix: Fix = {
      summary:
        'Make it a native sidecar (restartPolicy: Always), or set daemon_mode = false if another container renews.',
      ...(scene.at.fromFiles ? {} : endOrStay(scene)),
      durable: TEMPLATE,
      impact: 'rollout',
    };
    const evidence = [{ from: { object: pod.ref, field: helper.container.path }, excerpt: 'no restartPolicy: Always' }];
    return [{ ...textFinding(scene, 'never-ends', at), evidence, culprit: pod.workload, phase: 'active', fix }];
  }
  if (place === 'init' || daemon) return [];
  const where = flag === undefined ? 'daemon_mode in the configuration' : '-daemon-mode on its command line';
  const finding = { ...textFinding(scene, 'exits-after-first', at, { where }), phase: fatalPhase(scene) };
  if (flag !== undefined) {
    const evidence = [
      { from: { object: pod.ref, field: `${helper.container.path}.args` }, excerpt: `-daemon-mode=${flag}` },
    ];
    const summary = 'Leave -daemon-mode out of the container’s arguments.';
    const change = otherFlags(scene, 'a shell starts it: change its text', (words) =>
      words.filter((word) => !/^--?daemon-mode(?:=|$)/.test(word)),
    );
    const fix: Fix = { summary, ...change, durable: TEMPLATE, impact: 'rollout' };
    return [{ ...finding, evidence, culprit: pod.workload, fix }];
  }
  const fresh = setTopLevel(scene.source.text, 'daemon_mode', 'true');
  const good = verified(fresh, scene.release, (after) => after.daemonMode?.value === true);
  return [{ ...finding, fix: textFix(scene, 'Set daemon_mode to true, or leave it out.', good) }];
}

/** Where another container renews, the first SVID is all that this one is for; else it has to go on as a sidecar. */
function endOrStay(scene: SourcedScene): Pick<Fix, 'commands' | 'patch' | 'manual' | 'preconditions'> {
  const { name } = scene.helper.container;
  const renewed = scene.pod.containers.some(
    (other) => other.role === 'spiffe-helper' && other.place !== 'init' && other.name !== name,
  );
  const once = renewed ? otherFlags(scene, '', (words) => [...words, '-daemon-mode=false']) : {};
  if (once.commands) return once;
  return {
    ...templatePatch(scene, 'initContainers', { name, restartPolicy: 'Always' }),
    preconditions: ['Kubernetes 1.29 or later', 'a native sidecar starts in order: it stays where it is in the list'],
  };
}

/** Settings of an older way to tell HAProxy about new files. */
export function leftovers(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { pod, helper } = scene;
  const { cmd } = config;
  // Without a signal, or once daemon mode is off, the setting ends spiffe-helper: that is a finding of its own.
  const daemon = scene.view.arguments.daemonMode ?? config.daemonMode?.value ?? true;
  const pidFileName = daemon && config.renewSignal?.value ? config.pidFileName : undefined;
  // A site's own image may well hold the program.
  const bare = /^(?:ghcr\.io\/spiffe|.*\/zero-trust-workload-identity-manager)$/.test(
    helper.container.image.repository,
  );
  const names: string[] = [];
  const reasons: string[] = [];
  if (pidFileName?.value && !pod.shareProcessNamespace) {
    names.push('pid_file_name');
    reasons.push('the containers of the pod do not share their processes');
  } else if (pidFileName?.value && !mountOf(helper.container, pidFileName.value)) {
    names.push('pid_file_name');
    reasons.push('no volume of the container holds that file');
  }
  if (cmd?.value && bare && !mountOf(helper.container, cmd.value)) {
    names.push('cmd');
    reasons.push('the image has no such program');
  }
  const at = pidFileName ?? cmd;
  if (!at || names.length === 0) return [];
  const finding = textFinding(scene, 'leftover-signal', at, { names, why: reasons.join(', and ') });
  const keys = names.includes('cmd')
    ? ['cmd', 'cmd_args', 'renew_signal', ...names]
    : ['pid_file_name', 'renew_signal'];
  const gone = (after: HelperConfig) => !after.pidFileName && !(names.includes('cmd') && after.cmd);
  const fresh = verified(dropKeys(scene.source.text, keys), scene.release, gone);
  const summary = 'Leave these settings out: a sidecar that pushes the files into HAProxy needs no signal.';
  return [{ ...finding, phase: runningPhase(scene), fix: runningTextFix(scene, summary, fresh) }];
}

/** `complaints`: what is wrong with the text as it stands now; it has to be mended before anything reads it. */
export function changedSinceStart(scene: SourcedScene, complaints: readonly Finding[]): readonly Finding[] {
  const { view, helper } = scene;
  const state = helper.container.status?.state;
  if (view.inEffect !== 'no' || state?.now !== 'running' || view.changedAt === undefined) return [];
  const time = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const finding = textFinding(scene, 'changed-since-start', START, {
    changedAt: time(view.changedAt),
    startedAt: time(state.startedAt),
  });
  const restart = rolloutRestart(scene);
  const usable = complaints.length === 0;
  const mended = complaints.find(({ fix }) => fix?.patch?.type === 'merge' && fix.commands?.[0])?.fix?.commands?.[0];
  const fix: Fix = {
    summary: usable
      ? 'Restart the workload so that spiffe-helper reads the text.'
      : 'Correct the text first, then restart the workload.',
    ...(restart && (usable || mended) ? { commands: [...(mended ? [mended] : []), restart] } : {}),
    ...(restart && !usable && !mended ? { manual: 'the text has to be corrected first' } : {}),
    durable: 'a checksum of the ConfigMap as an annotation of the pod template makes every change restart the pods',
    impact: 'rollout',
    preconditions: [SPIRE_ISSUES, 'nothing else is reported about this text: a restart makes it come true'],
  };
  return [{ ...finding, evidence: finding.evidence.slice(0, 1), phase: 'latent', since: view.changedAt, fix }];
}

/** Without the flag and the word after it that is no flag: spiffe-helper takes nothing but flags. */
function withoutFlag(words: readonly string[], flag: string): readonly string[] {
  const at = words.indexOf(flag);
  const value = words[at + 1];
  return words.toSpliced(at, value === undefined || value.startsWith('-') ? 1 : 2);
}
