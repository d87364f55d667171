import { defineCheck, type Judged, unseenOf } from '../../src/doctor/check.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import { type Unknown, unknown, valueOr } from '../../src/evidence/reading.ts';
import { declaredFindings } from './declared.ts';
import { messages } from './messages.ts';
import { modeFindings } from './modes.ts';
import { observedFindings } from './observed.ts';
import { reloaderFindings } from './reloader.ts';

/** Messages that say what a readable key refutes. */
const ABOUT_READING = ['helper-user-differs', 'enterprise-user'];

export default defineCheck({
  id: 'file-ownership',
  title: 'HAProxy and the reloader can read what spiffe-helper writes',
  stage: 'files',
  guide: 'HAProxy Pod Setup',
  after: ['spiffe-dir'],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod', 'spiffeDirectory'],
  wants: ['helperConfigs', 'svidFiles', 'reloaders', 'reloaderLogs'],
  applies: ({ spiffeDirectory }) =>
    spiffeDirectory.state === 'absent'
      ? { why: 'nothing-uses-it', detail: 'no container of the pod is a spiffe-helper' }
      : undefined,
  judge: ({ pod, spiffeDirectory, helperConfigs, svidFiles, reloaders, reloaderLogs }): Judged => {
    if (pod.state !== 'known' || spiffeDirectory.state !== 'known') return { findings: [] };
    const files = valueOr(svidFiles, undefined);
    const plans = spiffeDirectory.value.helpers;
    const plan = plans.find(({ inHaproxy }) => inHaproxy === files?.paths.directory) ?? plans[0];
    const observed = files && files.key.state === 'known' ? observedFindings(pod.value, files, plan) : undefined;
    const declared = plans.map((helper) => declaredFindings(pod.value, helper));
    const modes = valueOr(helperConfigs, []).flatMap((view) => modeFindings(pod.value, view, files));
    // One change of users mends both who owns the directory and who reads the key.
    const fromSpecs = declared.flatMap(({ findings }) => {
      const users = findings.some(({ message }) => ABOUT_READING.includes(message));
      return findings.filter(({ message }) => !users || message !== 'directory-not-writable');
    });
    const findings = [
      // What a wrong mode makes unreadable is mended with the mode.
      ...(observed ?? []).filter(({ message }) => modes.length === 0 || message === 'key-world-readable'),
      ...fromSpecs
        .filter(({ message }) => !ABOUT_READING.includes(message) || (observed === undefined && modes.length === 0))
        .filter(stillTrue(files !== undefined && files.svid.state === 'known')),
      ...modes,
      ...reloaderFindings(pod.value, valueOr(reloaders, []), valueOr(reloaderLogs, [])),
    ];
    const unclear =
      observed === undefined
        ? (declared.find(({ cannotTell }) => cannotTell)?.cannotTell ??
          plans.map(unreadConfig).find((reading) => reading !== undefined))
        : undefined;
    return {
      findings,
      basis: observed === undefined ? 'declared' : 'observed',
      ...(unclear ? { cannotTell: unclear } : {}),
      unseen:
        pod.value.from === 'pod'
          ? [...unseenOf('files in the pod', svidFiles), ...unseenOf('log of the reloader', reloaderLogs)]
          : [],
    };
  },
});

function unreadConfig({ helper, config }: HelperDirectory): Unknown | undefined {
  if (config.state === 'known') return undefined;
  return config.state === 'unknown'
    ? config
    : unknown('unreadable', `helper.conf of container ${helper.name} is not there`);
}

/** Files that were written show that the directory can be written to. */
function stillTrue(written: boolean) {
  return ({ message }: { readonly message: string }) =>
    !written || (message !== 'directory-not-writable' && message !== 'no-fs-group');
}
