import type { Check } from '../doctor/check.ts';
import { docsLink, guideLink } from '../doctor/docs-link.ts';
import { canvasOf } from './appearance.ts';
import type { Host } from './host.ts';
import { docsBase, guideBase } from './tool.ts';

export interface ChecksOptions {
  readonly output: 'text' | 'wide' | 'json';
}

/** Lists the checks in the order in which a certificate travels. */
export async function listChecks(options: ChecksOptions, host: Host): Promise<number> {
  const { checks } = await import('../../checks/index.ts');
  const { STAGES } = await import('../doctor/check.ts');
  const sorted = checks.toSorted((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || (a.id < b.id ? -1 : 1));
  const entries = sorted.map(entryOf);
  if (options.output === 'json') {
    const { renderJsonValue } = await import('../report/json.ts');
    await host.stdout.write(renderJsonValue(entries));
    return 0;
  }
  const { checkTable } = await import('../report/text-checks.ts');
  const canvas = canvasOf(host, 'auto');
  await host.stdout.write(`${checkTable(canvas, entries, options.output === 'wide').join('\n')}\n`);
  return 0;
}

function entryOf(check: Check) {
  const of = <T>(pick: (examination: Check['examinations'][number]) => readonly T[]) => [
    ...new Set(check.examinations.flatMap(pick)),
  ];
  return {
    id: check.id,
    stage: check.stage,
    subjects: of(({ subject }) => [subject]),
    title: check.title,
    after: check.after,
    needs: of(({ needs }) => needs),
    wants: of(({ wants }) => wants),
    messages: Object.keys(check.messages),
    docs: docsLink(docsBase, check.id),
    guide: guideLink(guideBase, check.guide),
  };
}

export type CheckEntry = ReturnType<typeof entryOf>;
