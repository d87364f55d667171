import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checks } from '../../checks/index.ts';
import type { DoctorReport } from '../../src/doctor/report.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import { renderYaml } from '../../src/report/yaml.ts';
import { casesOf, judgeSnapshot } from '../checks/run-case.ts';
import { LIVE_FAULTS } from '../guide/live-faults.ts';
import { HIDDEN, HOSTILE } from '../report/hostile.ts';
import type { CaseFile } from '../scenario/case-file.ts';
import { poisonedCase, recording } from './poisoned.ts';
import { typed } from './shell.ts';

/** What a shell could be fooled with, though every character shows; then the rest, which must not be printed raw. */
const VISIBLE = HOSTILE.filter((text) => !HIDDEN.test(text));
const INVISIBLE = HOSTILE.filter((text) => HIDDEN.test(text));

const FAULTS: readonly CaseFile[] = Object.values(LIVE_FAULTS).map(
  ({ changes }): CaseFile => ({ source: 'live', complete: true, change: changes, expect: {} }),
);
const CASES: readonly CaseFile[] = [...checks.flatMap(({ id }) => casesOf(id).map(({ file }) => file)), ...FAULTS];

interface Judged {
  readonly report: DoctorReport;
  /** Words of every proposed call. */
  readonly proposed: ReadonlySet<string>;
}

async function judgePoisoned(file: CaseFile, poison: string): Promise<Judged> {
  const proposed = new Set<string>();
  const snapshot = await poisonedCase(file, poison);
  const context = snapshot.source.kind === 'live' ? snapshot.source.context : undefined;
  const report = judgeSnapshot(
    snapshot,
    recording(checks, (words) => proposed.add(words.join('\0')), context),
  );
  return { report, proposed };
}

function commandsOf({ results, rootCauses }: DoctorReport): readonly string[] {
  return [...results.flatMap(({ findings }) => findings), ...rootCauses].flatMap(({ fix }) => fix?.commands ?? []);
}

function textOf(report: DoctorReport, more: { wide?: boolean; color?: boolean; unicode?: boolean } = {}): string {
  return renderText(report, {
    color: false,
    unicode: true,
    width: 80,
    wide: false,
    quiet: false,
    showOk: true,
    titles: new Map(),
    ...more,
  });
}

/** Commands for these cases, with every kubectl call that was meant. */
async function commandsFor(
  cases: readonly CaseFile[],
  poison: string,
): Promise<{ lines: string[]; meant: Set<string> }> {
  const lines: string[] = [];
  const meant = new Set<string>();
  for (const file of cases) {
    const { report, proposed } = await judgePoisoned(file, poison);
    lines.push(...new Set(commandsOf(report)));
    for (const words of proposed) meant.add(words);
  }
  return { lines, meant };
}

describe('a cluster whose names and messages are made to fool a shell', () => {
  // Together they need but one run through all cases; by themselves they are tried on the faults with most commands.
  it.each([
    ['all at once', CASES, VISIBLE.join('')] as const,
    ...VISIBLE.map((poison) => [poison, FAULTS, poison] as const),
  ])(
    '%j gets commands that a shell reads as the words that were meant, and runs nothing else',
    async (_name, cases, poison) => {
      const { lines, meant } = await commandsFor(cases, poison);
      expect(lines.length).toBeGreaterThan(cases === CASES ? 100 : 5);
      expect(lines.filter((line) => line.includes('touch pwned')).length > 0).toBe(poison.includes('touch pwned'));
      const { calls, made, complaints, status } = typed(lines);
      expect([made, complaints, status]).toEqual([[], '', 0]);
      expect(calls).toHaveLength(lines.length);
      expect(calls.map((words) => words.join('\0')).filter((words) => !meant.has(words))).toEqual([]);
    },
    120_000,
  );
});

describe.each(INVISIBLE)('a cluster whose names and messages hold %j', (poison) => {
  it('shows none of it raw in any format, and in no command', async () => {
    // Every sixteenth case, each time others: all formats of all cases would only cost time.
    const turn = INVISIBLE.indexOf(poison);
    let shown = 0;
    for (const file of CASES.filter((_, index) => index % 16 === turn)) {
      const { report } = await judgePoisoned(file, poison);
      for (const command of commandsOf(report)) expect(HIDDEN.test(command.replaceAll('\n', '')), command).toBe(false);
      const outputs = [
        textOf(report),
        textOf(report, { wide: true }),
        textOf(report, { unicode: false }),
        renderJson(report),
        renderYaml(report),
      ];
      for (const output of outputs) {
        const [found] = HIDDEN.exec(output.replaceAll('\n', '')) ?? [];
        expect(found?.codePointAt(0)?.toString(16)).toBeUndefined();
      }
      shown += outputs.some((output) => output.includes(poison.slice(0, 2))) ? 1 : 0;
      expect(JSON.parse(renderJson(report))).toEqual(parse(renderYaml(report)));
    }
    expect(shown).toBeGreaterThan(1);
  }, 120_000);
});

describe('a name that begins like an option', () => {
  it('is in no command, where it would be one', async () => {
    const file: CaseFile = {
      source: 'live',
      complete: true,
      change: LIVE_FAULTS['an update that was begun and never committed']?.changes ?? [],
      expect: {},
    };
    const snapshot = await poisonedCase(file, '');
    const evil = JSON.parse(
      JSON.stringify(snapshot).replaceAll('"haptic-haproxy-0"', '"--server=https://evil.example"'),
    ) as typeof snapshot;
    const report = judgeSnapshot(evil, checks);
    const commands = commandsOf(report);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => command.includes('evil.example'))).toEqual([]);
    expect(report.rootCauses.find(({ culprit }) => culprit.name.startsWith('--server'))?.fix?.manual).toMatch(
      /begins like an option/,
    );
  });
});

describe('the text report', () => {
  it('prints every command of a root cause whole, on lines of its own', async () => {
    for (const { changes } of Object.values(LIVE_FAULTS)) {
      const { report } = await judgePoisoned(
        { source: 'live', complete: true, change: changes, expect: {} },
        "'; touch pwned; '",
      );
      const text = textOf(report);
      const lines = text.split('\n').map((line) => line.trim());
      for (const command of report.rootCauses.flatMap(({ fix }) => fix?.commands ?? [])) {
        if (command.includes('\n')) expect(text).toContain(`\n${command}\n`);
        else expect(lines).toContain(command);
      }
    }
  });
});

describe('the shell of these tests', () => {
  it('does run what is not quoted', () => {
    expect(typed(['kubectl get $(touch pwned; echo pods)', "kubectl 'a b'"])).toMatchObject({
      made: ['pwned'],
      calls: [['get', 'pods'], ['a b']],
    });
  });
});
