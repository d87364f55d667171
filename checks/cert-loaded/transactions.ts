import type { Finding, Judged, KubectlCommand } from '../../src/doctor/check.ts';
import type { LogLine } from '../../src/evidence/facts/helper-log.ts';
import { unknown } from '../../src/evidence/reading.ts';
import { abortCommand, avoidReload, reloadable, reloadCommand } from './fixes.ts';
import { isSettled, type Scene } from './scene.ts';

/** HAProxy has begun an update of a certificate, so no other one was open then. */
const ACCEPTED = /^Transaction (?:created|updated) for certificate /;

interface OpenUpdate {
  readonly kind: 'cert' | 'ca-file';
  readonly file: string;
}

/**
 * Updates that somebody began and nobody finished. HAPTIC's own take seconds, and so does a push after a rotation: an
 * open one counts as left over only when the files it is about have long been quiet, or the log shows it in the way.
 */
export function judgeTransactions(scene: Scene, behind: boolean): Judged {
  const { haproxyMemory, svidFiles } = scene;
  if (haproxyMemory.state !== 'known') return { findings: [] };
  const open = openUpdates(scene);
  const left = open.find(({ file }) => isLeftOver(scene, file));
  const [first] = open;
  if (!left) {
    return first
      ? {
          findings: [],
          cannotTell: unknown('rotating', `an update of ${first.file} is under way in HAProxy; look again in a minute`),
        }
      : { findings: [] };
  }
  // The reloader pushes only when the files change again, so what memory has missed needs a reload after the abort.
  const reload = behind && reloadable(scene).safe;
  const commands: KubectlCommand[] = [
    abortCommand(scene, left.kind, left.file),
    ...(reload ? [reloadCommand(scene)] : []),
  ];
  const { certificates, caFiles } = haproxyMemory.value;
  const list = left.kind === 'cert' ? certificates : caFiles;
  const finding: Finding = {
    message: 'open-transaction',
    data: { file: left.file },
    culprit: scene.pod.ref,
    evidence: [{ from: list.state === 'known' ? list.from : {}, excerpt: `# transaction *${left.file}` }],
    fix: {
      summary: `Drop the unfinished update of ${left.file}${reload ? ' and reload HAProxy' : ''}.`,
      commands,
      impact: reload ? 'reload' : 'none',
      preconditions:
        svidFiles.state === 'known'
          ? ['nobody is updating this certificate right now']
          : ['the same transaction is still open a minute later'],
      undo: 'none needed: an aborted update was never in use',
    },
    ...(behind ? avoidReload(scene) : {}),
  };
  return { findings: [finding], basis: 'observed' };
}

function openUpdates({ haproxyMemory }: Scene): readonly OpenUpdate[] {
  if (haproxyMemory.state !== 'known') return [];
  const { certificates, caTransaction } = haproxyMemory.value;
  const file = certificates.state === 'known' ? certificates.value.transaction : undefined;
  return [
    ...(file === undefined ? [] : [{ kind: 'cert', file } as const]),
    ...(caTransaction === undefined ? [] : [{ kind: 'ca-file', file: caTransaction } as const]),
  ];
}

function isLeftOver({ svid, bundle, svidFiles, reloaderLogs, haproxyMemory }: Scene, file: string): boolean {
  if (file === svid || file === bundle) return svidFiles.state === 'known' && isSettled(svidFiles.value);
  if (reloaderLogs.state !== 'known' || haproxyMemory.state !== 'known') return false;
  const { at } = haproxyMemory.value;
  return reloaderLogs.value.some(({ lines }) => {
    const since = refusedSince(lines, file);
    return since !== undefined && at - since > 10_000;
  });
}

/** When the update of `file` began to refuse every other one, as the reloader's log has it; undefined: it does not now. */
function refusedSince(lines: readonly LogLine[], file: string): number | undefined {
  const accepted = lines.findLastIndex(({ text }) => ACCEPTED.test(text));
  const refused = lines.slice(accepted + 1).find(({ text }) => text.includes(`ongoing transaction is about '${file}'`));
  return refused?.at;
}
