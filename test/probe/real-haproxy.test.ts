import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import { readMemory } from '../../src/evidence/haproxy/memory.ts';
import { HAVE_RECORDINGS, RECORDINGS } from '../haproxy/recordings.ts';
import { type Issued, mintCa, type TestCa } from '../scenario/certificates.ts';
import { type HaproxyFiles, type HaproxyProcess, startHaproxy } from './haproxy-process.ts';
import { isAtLeast, type RealHaproxy, realHaproxies } from './real-haproxies.ts';
import { locate, presence, requirements } from './requirements.ts';
import { type ProbeRun, probeArguments, runProbe, type ShellName } from './run-probe.ts';

const AT = Date.parse('2026-11-22T03:00:00Z');
/** What the probe promises, and a second for a busy machine. */
const BOUND = 11_000;
/** They mostly wait. */
const PATIENT = { timeout: 40_000, concurrent: true };

let ca: TestCa;
let first: Issued;
let second: Issued;
const started: HaproxyProcess[] = [];

beforeAll(async () => {
  ca = await mintCa({
    subject: 'CN=prod.example.com, O=SPIFFE',
    notBefore: AT - 86_400_000,
    notAfter: AT + 86_400_000,
  });
  const leaf = {
    uris: ['spiffe://prod.example.com/ns/haptic/sa/haptic-haproxy'],
    dnsNames: ['haptic-haproxy', 'haptic-haproxy.haptic.svc'],
  };
  first = await ca.issue({ ...leaf, notBefore: AT, notAfter: AT + 3_600_000 });
  second = await ca.issue({ ...leaf, notBefore: AT + 1_800_000, notAfter: AT + 5_400_000 });
});
afterAll(async () => {
  await Promise.all(started.map((haproxy) => haproxy.stop()));
});

async function startOf({ program }: RealHaproxy, files: Partial<HaproxyFiles> = {}): Promise<HaproxyProcess> {
  const haproxy = await startHaproxy(program, {
    svid: first.chainPem,
    key: first.privateKeyPem,
    bundle: ca.certificatePem,
    ...files,
  });
  started.push(haproxy);
  return haproxy;
}

function memoryOf(run: ProbeRun): HaproxyMemory {
  const probe = {
    namespace: 'haptic',
    pod: 'haptic-haproxy-0',
    container: 'haproxy',
    at: '2026-11-22T03:00:00Z',
    ...run,
  };
  const memory = readMemory(probe, { field: 'probe' });
  if (memory.state !== 'known') throw new Error(`memory is ${memory.state}`);
  return memory.value;
}

function openssl(file: string, ...what: readonly string[]): string {
  return execFileSync('openssl', ['x509', '-noout', '-in', file, ...what], { encoding: 'utf8' });
}

const SHELLS = ['dash', 'busybox'] as const satisfies readonly ShellName[];

for (const [real, shell] of realHaproxies().flatMap((real) => SHELLS.map((shell) => [real, shell] as const))) {
  const { missing: noShell, mustNotSkip } = requirements([shell]);
  const missing = [...real.missing, ...noShell];
  const start = (files?: Partial<HaproxyFiles>) => startOf(real, files);
  describe.skipIf(missing.length > 0 && !mustNotSkip)(
    `${real.name} asked from ${shell}${presence(missing)}`,
    PATIENT,
    () => {
      beforeAll(() => {
        if (missing.length > 0) throw new Error(`needs ${missing.join(', ')}`);
      });

      test('what is in memory is what openssl reads on disk', async () => {
        const { paths, workerPid } = await start();
        const run = await runProbe(paths, shell);
        expect(run.complete).toBe(true);
        const memory = memoryOf(run);
        const fingerprint = openssl(paths.svid, '-fingerprint', '-sha1').split('=')[1]?.trim().replaceAll(':', '');
        const [, serial] = openssl(paths.svid, '-serial').trim().split('=');
        const [, notAfter = ''] = openssl(paths.svid, '-enddate').trim().split('=');
        expect(memory.svid).toMatchObject({
          state: 'known',
          value: {
            name: paths.svid,
            status: 'Used',
            sha1: fingerprint,
            serial,
            notAfter: Date.parse(notAfter),
            dnsNames: first.certificate.dnsNames,
          },
        });
        expect(memory.bundle).toMatchObject({
          value: {
            name: paths.bundle,
            certificates: [{ sha1: ca.certificate.sha1, notAfter: ca.certificate.notAfter }],
          },
        });
        expect(memory.certificates).toMatchObject({ value: { names: [paths.svid] } });
        expect(memory.caFiles).toMatchObject({ value: [{ name: paths.bundle, certificates: 1 }] });
        expect(memory.pending?.state).toBe('absent');
        expect(memory.processes).toMatchObject({
          value: { workers: [{ pid: workerPid() }], oldWorkers: [], failedReloads: 0, reloads: 0 },
        });
        expect(memory.worker).toMatchObject({ value: { via: '@1', stopping: false } });
        expect(memory.servers).toMatchObject({
          value: [{ backend: 'my-backend', server: 'SRV_1', status: 'no check' }],
        });
        expect(memory.socketStat).toMatchObject({ state: 'known', value: { path: paths.socket, type: 'other' } });
        expect(memory.version).toMatchObject({ state: 'known', value: real.version });
        expect(run.answers.find(({ id }) => id === 'public-key')?.text).toBe(first.spkiPem);
        expect(run.bytes.includes('hunter2') || run.bytes.includes('s3cr3t')).toBe(false);
      });

      test('only commands that show are sent, one connection at a time', async () => {
        const { paths } = await start();
        const asked = (await runProbe(paths, shell)).answers
          .filter(({ id }) => id === 'haproxy')
          .map(({ argument }) => argument.replace(/^@1 /, ''));
        for (const command of asked)
          expect(command).toMatch(/^show (version|proc|info|stat -1 4 -1|ssl cert|ssl ca-file|startup-logs)( \S+)?$/);
        expect(asked.length).toBeGreaterThan(8);
      });

      test('an open transaction is seen with what it would commit', async () => {
        const haproxy = await start();
        haproxy.ask(`@1 set ssl cert ${haproxy.paths.svid} <<\n${second.certificatePem}${second.privateKeyPem}`);
        const memory = memoryOf(await runProbe(haproxy.paths, shell));
        expect(memory.certificates).toMatchObject({
          value: { names: [haproxy.paths.svid], transaction: haproxy.paths.svid },
        });
        expect(memory.svid).toMatchObject({ value: { sha1: first.certificate.sha1 } });
        expect(memory.pending).toMatchObject({ state: 'known', value: { sha1: second.certificate.sha1 } });
      });

      test('a rotation on disk alone leaves the old certificate in memory', async () => {
        const haproxy = await start();
        haproxy.write('svid.pem', second.chainPem);
        haproxy.write('svid.pem.key', second.privateKeyPem);
        const run = await runProbe(haproxy.paths, shell);
        expect(memoryOf(run).svid).toMatchObject({ value: { sha1: first.certificate.sha1 } });
        expect(run.answers.find(({ id }) => id === 'certificates')?.text).toBe(second.chainPem);
      });

      test('a rotation that was reloaded is in memory, in a new worker', async () => {
        const haproxy = await start();
        const before = haproxy.workerPid();
        haproxy.write('svid.pem', second.chainPem);
        haproxy.write('svid.pem.key', second.privateKeyPem);
        haproxy.master.kill('SIGUSR2');
        await haproxy.until(/master +1 \[failed: 0\].*\n# workers\n\d+ +worker +0 .*\n(?!# old)/);
        const memory = memoryOf(await runProbe(haproxy.paths, shell));
        expect(memory.svid).toMatchObject({ value: { status: 'Used', sha1: second.certificate.sha1 } });
        expect(memory.processes).toMatchObject({ value: { reloads: 1, workers: [{ pid: haproxy.workerPid() }] } });
        expect(haproxy.workerPid()).not.toBe(before);
      });

      test('an expired certificate is loaded like any other, with its dates', async () => {
        const expired = await ca.issue({
          dnsNames: ['old'],
          notBefore: AT - 7_200_000,
          notAfter: Date.parse('2026-01-05T04:05:06Z'),
        });
        const { paths } = await start({ svid: expired.chainPem, key: expired.privateKeyPem });
        expect(memoryOf(await runProbe(paths, shell)).svid).toMatchObject({
          value: { status: 'Used', notAfter: Date.parse('2026-01-05T04:05:06Z') },
        });
      });

      test('a certificate that no server uses is absent from memory', async () => {
        const { paths } = await start();
        const memory = memoryOf(await runProbe({ ...paths, svid: join(paths.directory, 'other.pem') }, shell));
        expect(memory.svid.state).toBe('absent');
        expect(memory.certificates).toMatchObject({ value: { names: [paths.svid] } });
      });

      test('names that HAProxy spells its own way are found: with .. and with a blank', async () => {
        const dotted = await start({ crt: (directory) => `${directory}/../${directory.split('/').at(-1)}/svid.pem` });
        expect(memoryOf(await runProbe(dotted.paths, shell)).svid).toMatchObject({
          value: { sha1: first.certificate.sha1 },
        });
        const others = { 'my svid.pem': first.chainPem, 'my svid.pem.key': first.privateKeyPem };
        const blank = await start({ others, crt: (directory) => `"${directory}/my svid.pem"` });
        const svid = join(blank.paths.directory, 'my svid.pem');
        expect(memoryOf(await runProbe({ ...blank.paths, svid }, shell)).svid).toMatchObject({
          value: { name: svid, sha1: first.certificate.sha1 },
        });
      });

      test('a stopped worker is no answer within ten seconds, and the files are looked at nevertheless', async () => {
        const haproxy = await start();
        kill(haproxy.workerPid(), 'SIGSTOP');
        const begun = performance.now();
        const run = await runProbe(haproxy.paths, shell);
        expect(performance.now() - begun).toBeLessThan(BOUND);
        const memory = memoryOf(run);
        for (const reading of [memory.svid, memory.bundle, memory.certificates])
          expect(reading).toMatchObject({ state: 'unknown', why: 'no-answer' });
        expect(memory.processes.state).toBe('known');
        expect(run.answers.some(({ id }) => id === 'public-key')).toBe(true);
      });

      test('a stopped master is no answer within ten seconds', async () => {
        const haproxy = await start();
        haproxy.master.kill('SIGSTOP');
        const begun = performance.now();
        const run = await runProbe(haproxy.paths, shell);
        expect(performance.now() - begun).toBeLessThan(BOUND);
        expect(memoryOf(run).svid).toMatchObject({ state: 'unknown', why: 'no-answer' });
        expect(run.complete).toBe(true);
      });

      test('a wrong socket and the socket of a dead master are no answers, each with its reason', async () => {
        const haproxy = await start();
        const wrong = memoryOf(
          await runProbe({ ...haproxy.paths, socket: join(haproxy.paths.directory, 'no.sock') }, shell),
        );
        expect(wrong.svid).toMatchObject({
          why: 'no-answer',
          detail: expect.stringContaining('No such file or directory'),
        });
        const dead = once(haproxy.master, 'exit');
        haproxy.master.kill('SIGKILL');
        await dead;
        expect(existsSync(haproxy.paths.socket)).toBe(true);
        expect(memoryOf(await runProbe(haproxy.paths, shell)).svid).toMatchObject({
          why: 'no-answer',
          detail: expect.stringContaining('Connection refused'),
        });
      });

      test('a reload that failed is counted, and the certificate in memory stays', async () => {
        const haproxy = await start();
        const worker = haproxy.workerPid();
        rmSync(haproxy.paths.bundle);
        haproxy.master.kill('SIGUSR2');
        await haproxy.until(/\[failed: 1\]/);
        const memory = memoryOf(await runProbe(haproxy.paths, shell));
        // Since 3.1 the worker that lives on counts as an old one.
        const [living, other] = isAtLeast(real, 3, 1) ? ['oldWorkers', 'workers'] : ['workers', 'oldWorkers'];
        expect(memory.processes).toMatchObject({
          state: 'known',
          value: { failedReloads: 1, [living]: [{ pid: worker }], [other]: [] },
        });
        expect(memory.svid).toMatchObject({ state: 'known', value: { sha1: first.certificate.sha1 } });
      });

      test('a socket of level user refuses, which is unknown and not an empty memory', async () => {
        const { paths } = await start({ level: 'user' });
        expect(memoryOf(await runProbe(paths, shell)).svid).toMatchObject({ state: 'unknown', why: 'no-answer' });
      });

      test('when the client goes away midway, the probe ends by itself', async () => {
        const haproxy = await start();
        kill(haproxy.workerPid(), 'SIGSTOP');
        const [program = '', ...words] = probeArguments(haproxy.paths, shell);
        const begun = performance.now();
        const child = spawn(locate(program) ?? program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
        await once(child.stdout, 'data');
        child.stdout.destroy();
        await once(child, 'exit');
        expect(performance.now() - begun).toBeLessThan(BOUND);
      });

      test('when the client stops reading, the probe ends by itself', async () => {
        const haproxy = await start();
        // More than a pipe holds, so that the probe hangs in its writing.
        haproxy.write('bundle.pem', ca.certificatePem.repeat(700));
        const [program = '', ...words] = probeArguments(haproxy.paths, shell);
        const begun = performance.now();
        const child = spawn(locate(program) ?? program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
        await once(child, 'exit');
        expect(performance.now() - begun).toBeLessThan(BOUND);
        child.stdout.destroy();
      });
    },
  );
}

/** By release line; of other lines nothing comparable was recorded. */
const RECORDED: Readonly<Record<string, string>> = { '2.6.': '2.6.12-deb', '3.2.': '3.2.26-deb' };
/** What is asked, by the file of its recording. */
const SHAPES = [
  ['11-show-ssl-cert-FILE.txt', (svid: string) => `@1 show ssl cert ${svid}`],
  ['01-show-proc.txt', () => 'show proc'],
] as const;

for (const real of realHaproxies()) {
  const [, folder] = Object.entries(RECORDED).find(([line]) => real.version.startsWith(line)) ?? [];
  if (real.missing.length === 0 && folder === undefined) continue;
  const lacks = [...real.missing, ...(HAVE_RECORDINGS ? [] : ['../shared'])];
  test.skipIf(lacks.length > 0)(`${real.name} answers in the shape of its recordings${presence(lacks)}`, async () => {
    const { paths, ask } = await startOf(real);
    for (const [file, command] of SHAPES) {
      const recorded = readFileSync(join(RECORDINGS, folder ?? '', file), 'utf8');
      expect(shape(ask(command(paths.svid))), file).toEqual(shape(recorded));
    }
  });
}

/** The names of fields and columns, without their values. */
function shape(text: string): readonly string[] {
  return text.split('\n').map((line) => {
    if (line.startsWith('#')) return line.replace(/ +/g, ' ');
    const columns = /^\d+ +(\w+)/.exec(line);
    return columns ? String(columns[1]) : line.replace(/: .*/, '');
  });
}
