import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../../src/doctor/report.ts';
import type { Snapshot } from '../../../src/evidence/snapshot.ts';
import { presence } from '../../probe/requirements.ts';
import { mintedKeys } from '../../scenario/minted-keys.ts';
import { KeySearch } from '../../secrets/key-search.ts';
import type { RequestInfo } from '../api/handlers.ts';
import type { Beginning } from '../faults/fault.ts';
import { SOCKET_FAULTS } from '../faults/socket.ts';
import { startTestbed, type Testbed } from '../installation.ts';
import { findingsOf, nameOf } from '../proof/judge-report.ts';
import { testbedRequirements } from '../requirements.ts';
import { BOUNDARY, type Look, look } from './look.ts';
import { type ReplayedRuntime, replayedRuntime } from './replayed-runtime.ts';
import { WAYS, type Way } from './ways.ts';

const { missing, mustNotSkip } = testbedRequirements();
const HEALTHY: Beginning = {};
const [BROKEN = HEALTHY] = SOCKET_FAULTS;

describe.skipIf(missing.length > 0 && !mustNotSkip).each([
  ['a healthy installation', HEALTHY],
  ['a broken installation', BROKEN],
])(`an API that fails once in front of %s${presence(missing)}`, (_name, beginning) => {
  let testbed: Testbed;
  let runtime: ReplayedRuntime;
  let calm: Look;
  let calls: readonly RequestInfo[];
  const search = new KeySearch();
  // What pods said is played back, their clocks with it: the others stand still as well, or they would run ahead.
  let moment: number | undefined;
  const now = () => moment ?? Date.now();

  beforeAll(async () => {
    testbed = await startTestbed(beginning, {
      now,
      runtime: (kubelets) => {
        runtime = replayedRuntime(kubelets);
        return runtime;
      },
    });
    const before = testbed.api.requests.length;
    calm = await look(testbed, now);
    moment = now();
    calls = [...new Map(testbed.api.requests.slice(before).map((info) => [keyOf(info), info])).values()];
    search.add(mintedKeys());
  }, 120_000);
  afterAll(() => testbed.close());

  /** What is wrong with a look during which this happened once. */
  const problemsWith = async (
    call: RequestInfo,
    { name, fault }: Pick<Way, 'name' | 'fault'>,
  ): Promise<readonly string[]> => {
    const back = testbed.api.dial.fail((info) => keyOf(info) === keyOf(call), fault, 1);
    try {
      const hurt = await look(testbed, now);
      const there = partsOf(hurt.snapshot);
      // Agents' logs are only asked for where a helper complains, and half a log may end before it does.
      const lost = partsOf(calm.snapshot).filter(
        (part) => !there.includes(part) && !part.startsWith('log spire-agent'),
      );
      const leaked = search.find(JSON.stringify(hurt)).length > 0;
      return [
        ...(isAnAnswer(call, name) ? [] : invented(hurt.report, calm.report)),
        ...(isAnAnswer(call, name) || lost.length === 0 || hurt.snapshot.notCollected.length > 0
          ? []
          : [`lost without a word: ${lost[0]}`]),
        ...unfounded(hurt, calm),
        ...(leaked ? ['a private key is in what was written'] : []),
      ].map((problem) => `${call.path} ${name}: ${problem}`);
    } finally {
      back();
    }
  };

  test.for(WAYS.map((way) => [way.name, way] as const))(
    'by %s, at any call: nothing is invented, nothing is lost without a word',
    async ([, way]) => {
      const problems: string[] = [];
      for (const call of calls.filter(way.concerns)) problems.push(...(await problemsWith(call, way)));
      expect(problems).toEqual([]);
    },
  );

  test('in the middle of what a pod says, wherever that is cut', async () => {
    const call = calls.find(({ subresource }) => subresource === 'exec');
    if (call === undefined) throw new Error('nothing was run in any pod');
    const [output = Buffer.alloc(0)] = runtime.outputs();
    const cuts = boundariesOf(output);
    expect(cuts.length).toBeGreaterThan(20);
    const problems: string[] = [];
    for (const bytes of cuts)
      problems.push(...(await problemsWith(call, { name: `cut at ${bytes}`, fault: { fault: 'cut', bytes } })));
    expect(problems).toEqual([]);
  });
});

/** That an object, or a kind of an extension, is not there is an answer, and a server that gives it is believed. */
function isAnAnswer({ verb, group }: RequestInfo, way: string): boolean {
  return way === '404' && (verb === 'get' || /^(?:spire\.spiffe\.io|haproxy-haptic\.org)$/.test(group));
}

/**
 * Findings of checks that found nothing and were not blocked with everything in view. With less in view the same fault
 * may show by another of its signs, or on the workload instead of its pods.
 */
function invented(hurt: DoctorReport, calm: DoctorReport): readonly string[] {
  const troubled = new Set(calm.results.flatMap(({ check, state }) => (state === 'ok' ? [] : [check])));
  return findingsOf(hurt).flatMap((finding) =>
    troubled.has(finding.split('/')[0] ?? '') ? [] : [`invented ${finding}`],
  );
}

/** Checks that say `ok` though they did not with everything in view, or without having looked into the pod. */
function unfounded({ report, snapshot }: Look, calm: Look): readonly string[] {
  const wasOk = (check: string, subject: string) => {
    const before = calm.report.results.filter((result) => result.check === check);
    const same = before.filter((result) => nameOf(result.subject) === subject);
    return (same.length > 0 ? same : before).every(({ state }) => state === 'ok');
  };
  const probed = new Set(snapshot.probes.map(({ namespace, pod }) => `Pod ${namespace}/${pod}`));
  return report.results.flatMap(({ check, subject, state }) => {
    const name = nameOf(subject);
    if (state === 'crashed') return [`${check} crashed on ${name}`];
    if (state !== 'ok') return [];
    if (!wasOk(check, name)) return [`${check} is ok on ${name}, and was not`];
    return check === 'cert-loaded' && !probed.has(name) ? [`${check} is ok on ${name} without a look`] : [];
  });
}

function partsOf({ objects, logs, probes }: Snapshot): readonly string[] {
  return [
    ...objects.map(({ object }) => `${String(object.kind)} ${JSON.stringify(object.metadata)}`.slice(0, 120)),
    ...logs.map(({ pod, container, previous }) => `log ${pod} ${container} ${previous}`),
    ...probes.map(({ pod }) => `probe ${pod}`),
  ];
}

/** Where a frame begins, and the end of its first line. */
function boundariesOf(output: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = output.indexOf(BOUNDARY); at >= 0; at = output.indexOf(BOUNDARY, at + 1)) {
    places.push(at, output.indexOf('\n', at) + 1);
  }
  return [...new Set(places)].filter((place) => place > 0 && place < output.length);
}

function keyOf({ method, path, query }: RequestInfo): string {
  const { continue: _token, ...rest } = Object.fromEntries(query);
  return `${method} ${path} ${JSON.stringify(path.endsWith('/exec') ? {} : rest)}`;
}
