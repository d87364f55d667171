import type { ProbeAnswer } from '../../src/evidence/snapshot.ts';
import type { BundleChange, Change, SvidChange } from './case-file.ts';
import type { Issued } from './certificates.ts';
import { issueSvid, rootsOf } from './identities.ts';
import { moment, OBSERVED_AT } from './moments.ts';
import type { FakeStat } from './probe-disk.ts';
import { type FakeMemory, renderProbe } from './probe-output.ts';

const DIRECTORY = '/etc/haproxy/spiffe';
const PATHS = {
  socket: '/etc/haproxy/haproxy-master.sock',
  directory: DIRECTORY,
  svid: `${DIRECTORY}/svid.pem`,
  key: `${DIRECTORY}/svid.pem.key`,
  bundle: `${DIRECTORY}/bundle.pem`,
};

/** The probe's answers in one HAProxy pod after all changes that concern it. */
export async function probeAnswers(pod: string, changes: readonly Change[]): Promise<readonly ProbeAnswer[]> {
  const mine = changes.filter((change) => concerns(change, pod));
  const disk = await svidFor(mine, 'disk');
  const memory = await svidFor(mine, 'memory');
  const diskRoots = await rootsFor(mine, 'disk');
  const memoryRoots = await rootsFor(mine, 'memory');
  const absent = mine.flatMap((change) => ('disk' in change ? change.disk.absent : []));
  const memoryChanges = mine.flatMap((change) => ('memory' in change ? [change.memory] : []));
  const reader = memoryChanges.findLast((change) => change.reader !== undefined)?.reader ?? { uid: 99, gid: 99 };
  const skew =
    mine.flatMap((change) => ('clock' in change ? [moment(change.clock.skew) - OBSERVED_AT] : [])).at(-1) ?? 0;
  const dead = memoryChanges.some((change) => change.dead);
  const answers = renderProbe({
    podNow: OBSERVED_AT + skew,
    uid: reader.uid,
    gid: reader.gid,
    ...('groups' in reader && reader.groups ? { groups: reader.groups } : {}),
    paths: PATHS,
    disk: {
      directory: absent.includes('directory') ? 'absent' : 'present',
      key: absent.includes('key') ? 'absent' : 'present',
      ...(absent.includes('svid')
        ? {}
        : { svidPem: disk.change.leafOnly ? disk.svid.certificatePem : disk.svid.chainPem }),
      ...(absent.includes('bundle')
        ? {}
        : { bundlePem: diskRoots.map(({ certificatePem }) => certificatePem).join('') }),
      ...(await publicHalf(disk)),
      writtenAt: moment(disk.change.written ?? disk.change.notBefore ?? '-20m') + skew,
      stats: statsFor(mine),
    },
    ...(dead ? {} : { memory: memoryFor(memoryChanges, memory.svid, memoryRoots) }),
  });
  return mine.reduce(applyAnswer, answers);
}

function concerns(change: Change, pod: string): boolean {
  for (const key of ['svid', 'bundle', 'disk', 'stat', 'memory', 'clock', 'answer'] as const) {
    if (key in change) {
      const { pod: named } = (change as Record<typeof key, { pod?: string }>)[key];
      return named === undefined || named === pod;
    }
  }
  return false;
}

async function svidFor(
  changes: readonly Change[],
  place: 'disk' | 'memory',
): Promise<{ change: SvidChange; svid: Issued }> {
  const layers = changes.flatMap((entry) =>
    'svid' in entry && (entry.svid.where ?? 'both') !== otherPlace(place) ? [entry.svid] : [],
  );
  const { pod: _pod, where: _where, ...change }: SvidChange = Object.assign({}, ...layers);
  const { key: _key, written: _written, leafOnly: _leafOnly, ...certificate } = change;
  return { change, svid: await issueSvid(certificate) };
}

function otherPlace(place: 'disk' | 'memory'): 'disk' | 'memory' {
  return place === 'disk' ? 'memory' : 'disk';
}

async function publicHalf({ change, svid }: { change: SvidChange; svid: Issued }): Promise<{ keySpkiPem?: string }> {
  if (change.key === 'unknown') return {};
  return { keySpkiPem: change.key === 'other' ? (await issueSvid({}, 'another key')).spkiPem : svid.spkiPem };
}

async function rootsFor(changes: readonly Change[], place: 'disk' | 'memory') {
  const bundle = changes
    .flatMap((change): BundleChange[] =>
      'bundle' in change && (change.bundle.where ?? 'both') !== otherPlace(place) ? [change.bundle] : [],
    )
    .at(-1);
  return rootsOf(bundle ?? { roots: ['spire'] });
}

function memoryFor(
  changes: readonly Extract<Change, { memory: unknown }>['memory'][],
  svid: Issued,
  roots: Awaited<ReturnType<typeof rootsOf>>,
): FakeMemory {
  const {
    version,
    loaded = true,
    status,
    silent,
    transaction,
    failedReloads,
    startupLogs,
  } = Object.assign({}, ...changes) as (typeof changes)[number];
  return {
    version: version ?? '3.2.26-1',
    ...(loaded ? { svid: { certificate: svid.certificate, ...(status === undefined ? {} : { status }) } } : {}),
    ...(loaded ? { bundle: { certificates: roots.map(({ certificate }) => certificate) } } : {}),
    ...(transaction === undefined ? {} : { transaction: { name: transaction, certificate: svid.certificate } }),
    ...(failedReloads === undefined
      ? {}
      : { processes: { workers: [{ pid: 8, uptimeSeconds: 7_000 }], failedReloads, reloads: 1 } }),
    ...(startupLogs === undefined ? {} : { startupLogs: { master: startupLogs } }),
    ...(silent ? { workerSilent: true } : {}),
    servers: [{ backend: 'shop_api_svc_api_https', server: 'SRV_1' }],
  };
}

function statsFor(changes: readonly Change[]): Record<string, Partial<FakeStat>> {
  const stats: Record<string, Partial<FakeStat>> = {};
  for (const change of changes) {
    if (!('stat' in change)) continue;
    const { path, mtime, pod: _pod, ...rest } = change.stat;
    stats[path] = { ...stats[path], ...rest, ...(mtime === undefined ? {} : { mtime: moment(mtime) }) };
  }
  return stats;
}

function applyAnswer(answers: readonly ProbeAnswer[], change: Change): ProbeAnswer[] {
  if (!('answer' in change)) return [...answers];
  const { id, argument, text = '', status = 0, remove = false } = change.answer;
  const at = answers.findIndex((answer) => answer.id === id && answer.argument === argument);
  if (remove && at < 0) throw new Error(`there is no answer ${id} ${argument} to remove`);
  const others = answers.filter((_, index) => index !== at);
  if (remove) return others;
  const next = { id, argument, text, status };
  return at < 0 ? [...answers, next] : answers.map((answer, index) => (index === at ? next : answer));
}
