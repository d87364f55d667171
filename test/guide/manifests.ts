import { existsSync, readFileSync } from 'node:fs';
import { checks } from '../../checks/index.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { type ManifestsIo, readManifests } from '../../src/sources/manifests/index.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';

const FOLDER = new URL('../../../shared/fixtures/manifests/', import.meta.url);
const HAPTIC = new URL('haptic-guide.yaml', FOLDER);
const SPIRE = new URL('spire-chart.yaml', FOLDER);

/** Whether the rendered charts are here; without them there is nothing to put faults into. */
export const HAS_CHARTS = existsSync(HAPTIC) && existsSync(SPIRE);
export const WITHOUT_CHARTS = HAS_CHARTS ? '' : ' (skipped: the rendered charts are not beside this project)';

/** The text of a manifest, changed as by hand. */
export type Edit = (text: string) => string;

/** Replaces the first occurrence, or that after a marker; refuses an edit that would change nothing. */
export function replace(from: string, to: string, after = ''): Edit {
  return (text) => {
    const start = text.indexOf(after);
    const at = text.indexOf(from, start + after.length);
    if (start < 0 || at < 0)
      throw new Error(`the manifest does not contain ${JSON.stringify(from)} after ${JSON.stringify(after)}`);
    return text.slice(0, at) + to + text.slice(at + from.length);
  };
}

export function replaceAll(from: string, to: string): Edit {
  return (text) => {
    if (!text.includes(from)) throw new Error(`the manifest does not contain ${JSON.stringify(from)}`);
    return text.replaceAll(from, () => to);
  };
}

/** Takes out everything from `from` up to, not including, `until`. */
export function cut(from: string, until: string, after = ''): Edit {
  return (text) => {
    const start = text.indexOf(from, text.indexOf(after));
    const end = text.indexOf(until, start + from.length);
    if (start < 0 || end < 0)
      throw new Error(`the manifest does not contain ${JSON.stringify(from)} … ${JSON.stringify(until)}`);
    return text.slice(0, start) + text.slice(end);
  };
}

/** Judges copies of both charts, HAPTIC's edited, with every check, as all that is applied. */
export async function judgeCharts(
  edits: readonly Edit[] = [],
  spireEdits: readonly Edit[] = [],
  complete = true,
): Promise<DoctorReport> {
  const change = (url: URL, all: readonly Edit[]) => all.reduce((text, edit) => edit(text), readFileSync(url, 'utf8'));
  const texts: Readonly<Record<string, string>> = {
    'haptic.yaml': change(HAPTIC, edits),
    'spire.yaml': change(SPIRE, spireEdits),
  };
  const io: ManifestsIo = {
    list: async () => undefined,
    read: async (path) => new TextEncoder().encode(texts[path] ?? ''),
    stdin: async () => new Uint8Array(),
  };
  const tool = { name: 'kubectl-haptic_spire', version: '0.0.0-test' };
  return judgeSnapshot(
    await readManifests({ files: Object.keys(texts), recursive: false, complete, now: OBSERVED_AT, tool }, io),
    checks,
  );
}

/** Everything that stands, worst first, as `check/message`; warnings are marked. */
export function standing(report: DoctorReport): readonly string[] {
  return report.rootCauses.map(({ check, message, severity, phase }) =>
    [
      `${check}/${message}`,
      ...(severity === 'warn' ? ['(warn)'] : []),
      ...(phase === 'latent' ? ['(latent)'] : []),
    ].join(' '),
  );
}

/** Checks by state, each once. */
export function checksIn(report: DoctorReport, ...states: readonly string[]): readonly string[] {
  return [
    ...new Set(report.results.filter(({ state }) => states.includes(state)).map(({ check }) => check)),
  ].toSorted();
}
