import type { Check } from '../doctor/check.ts';
import type { DoctorReport } from '../doctor/report.ts';
import type { Snapshot } from '../evidence/snapshot.ts';
import { canvasOf } from './appearance.ts';
import { chooseChecks } from './choose-checks.ts';
import type { DoctorOptions } from './flags.ts';
import type { Host } from './host.ts';
import { chooseSource, readSource, type SourceChoice } from './sources.ts';
import { docsBase, guideBase, tool } from './tool.ts';

/** Gathers, judges, reports. Resolves to the exit code; nothing is written to stdout before everything is judged. */
export async function doctor(options: DoctorOptions, host: Host): Promise<number> {
  if (options.printProbe) return printProbe(host);
  const source = chooseSource(options);
  if (source.kind === 'demo' && source.story === 'list') return listStories(host);
  const start = host.now();
  const chosen = await chooseChecks(options);
  const load = async () => {
    const { checks } = await chosen();
    return await Promise.all([import('../doctor/judge.ts'), rendererOf(options, checks, host)]);
  };
  const examined = { chosen, load, loaded: () => host.spareMemory?.() };
  const snapshot = await readSource(source, options, examined, host);
  const { checks, selected, allowUnknown } = await chosen();
  const [{ judge }, render] = await load();
  const { namespace, release, pod, selector, annotation } = options;
  const end = host.now();
  const judged = judge(snapshot, {
    checks,
    ...(selected === undefined ? {} : { selected }),
    filter: {
      ...(namespace === undefined ? {} : { namespace }),
      ...(release === undefined ? {} : { release }),
      ...(pod === undefined ? {} : { pods: pod }),
      ...(selector === undefined ? {} : { selector }),
    },
    failOn: options.failOn,
    allowUnknown,
    ...(annotation === undefined ? {} : { annotation }),
    tool,
    docsBase,
    guideBase,
    ...(source.kind === 'snapshot' ? { sourceKind: 'snapshot' as const } : {}),
    generatedAt: end,
    durationMs: Math.max(0, end - start),
  });
  const report = wasInterrupted(snapshot, source) ? ({ ...judged, exitCode: 130 } satisfies DoctorReport) : judged;
  for (const piece of render(report)) await host.stdout.write(piece);
  return report.exitCode;
}

/** Only gathering can be interrupted; a snapshot of an interrupted run is judged like any other. */
function wasInterrupted(snapshot: Snapshot, source: SourceChoice): boolean {
  return source.kind === 'live' && snapshot.source.kind === 'live' && snapshot.source.interrupted === true;
}

async function rendererOf(
  options: DoctorOptions,
  checks: readonly Check[],
  host: Host,
): Promise<(report: DoctorReport) => Iterable<string>> {
  switch (options.output) {
    case 'json':
      return (await import('../report/json.ts')).jsonPieces;
    case 'yaml': {
      const { renderYaml } = await import('../report/yaml.ts');
      return (report) => [renderYaml(report)];
    }
    case 'text':
    case 'wide': {
      const { renderText } = await import('../report/text.ts');
      return (report) => [
        renderText(report, {
          ...canvasOf(host, options.color),
          wide: options.output === 'wide',
          quiet: options.quiet ?? false,
          showOk: options.showOk ?? false,
          titles: new Map(checks.map(({ id, title }) => [id, title])),
        }),
      ];
    }
  }
}

async function printProbe(host: Host): Promise<number> {
  const { PROBE_SCRIPT } = await import('../evidence/probe/script.ts');
  await host.stdout.write(PROBE_SCRIPT.endsWith('\n') ? PROBE_SCRIPT : `${PROBE_SCRIPT}\n`);
  return 0;
}

async function listStories(host: Host): Promise<number> {
  const { STORIES } = await import('../sources/demo/stories.ts');
  const column = Math.max(...STORIES.map(({ id }) => id.length)) + 2;
  await host.stdout.write(STORIES.map(({ id, title }) => `${id.padEnd(column)}${title}\n`).join(''));
  return 0;
}
