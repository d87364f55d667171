import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { kill } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import certLoaded from '../../checks/cert-loaded/check.ts';
import { readReloaderScript } from '../../src/evidence/reloader/script.ts';
import { casesOf, runCase } from '../checks/run-case.ts';
import { type HaproxyProcess, startHaproxy } from '../probe/haproxy-process.ts';
import { realHaproxies } from '../probe/real-haproxies.ts';
import { presence, requirements } from '../probe/requirements.ts';
import { type Issued, mintCa, type TestCa } from '../scenario/certificates.ts';

const AT = Date.parse('2026-11-22T03:00:00Z');
const HOUR = 3_600_000;

let script: string;
let ca: TestCa;
let other: TestCa;
let first: Issued;
let second: Issued;

beforeAll(async () => {
  script = await printedScript();
  const subject = { subject: 'CN=prod.example.com, O=SPIFFE', notBefore: AT - HOUR, notAfter: AT + 24 * HOUR };
  [ca, other] = await Promise.all([mintCa(subject), mintCa(subject)]);
  const uris = ['spiffe://prod.example.com/ns/haptic/sa/haptic-haproxy'];
  first = await ca.issue({ uris, notBefore: AT, notAfter: AT + HOUR });
  second = await ca.issue({ uris, notBefore: AT + HOUR / 2, notAfter: AT + 2 * HOUR });
});

/** What the doctor tells people to add to a pod that has no reloader. */
async function printedScript(): Promise<string> {
  const [found] = casesOf('cert-loaded').filter(({ name }) => name === 'no-reloader');
  if (!found) throw new Error('no case no-reloader');
  const report = await runCase(certLoaded, found.file);
  const command = report.rootCauses[0]?.fix?.commands[0] ?? '';
  const body: unknown = JSON.parse(command.slice(command.indexOf('{'), -1).replaceAll("'\\''", "'"));
  const text = /"args":\["((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(body))?.[1] ?? '';
  return JSON.parse(`"${text}"`) as string;
}

test('the script that the doctor prints is one that it finds nothing wrong with', () => {
  expect(readReloaderScript(['sh', '-c', script])).toMatchObject({
    socket: '/etc/haproxy/haproxy-master.sock',
    routesToWorker: true,
    baselineRace: false,
    checksAnswers: true,
    pushesCa: false,
  });
});

for (const real of realHaproxies()) {
  const { missing: noShell, mustNotSkip } = requirements(['dash']);
  const missing = [...real.missing, ...noShell];
  describe.skipIf(missing.length > 0 && !mustNotSkip)(`${real.name} with that script${presence(missing)}`, () => {
    let haproxy: HaproxyProcess;
    let end: () => Promise<void>;

    beforeAll(async () => {
      if (missing.length > 0) throw new Error(`needs ${missing.join(', ')}`);
      haproxy = await startHaproxy(real.program, {
        svid: first.chainPem,
        key: first.privateKeyPem,
        bundle: ca.certificatePem,
      });
      const { paths } = haproxy;
      const here = script
        .replaceAll('/etc/haproxy/spiffe', paths.directory)
        .replace('/etc/haproxy/haproxy-master.sock', paths.socket)
        .replace('sleep 5', 'sleep 0.2');
      const shell = spawn('dash', ['-c', here], { stdio: 'ignore', detached: true });
      const ended = once(shell, 'exit');
      end = async () => {
        if (shell.pid !== undefined) kill(-shell.pid, 'SIGKILL');
        await ended;
      };
    });
    afterAll(async () => {
      await end?.();
      await haproxy?.stop();
    });

    test('has a rotated SVID and a changed bundle in memory soon after', { timeout: 40_000 }, async () => {
      const { paths, write } = haproxy;
      write('svid.pem', second.chainPem);
      write('svid.pem.key', second.privateKeyPem);
      await holds(haproxy, `show ssl cert ${paths.svid}`, fingerprint(second.chainPem));
      write('bundle.pem', ca.certificatePem + other.certificatePem);
      await holds(haproxy, `show ssl ca-file ${paths.bundle}`, fingerprint(other.certificatePem));
    });
  });
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '');
}

/** Asks until the answer names the fingerprint. */
async function holds(haproxy: HaproxyProcess, command: string, sha1: string): Promise<void> {
  const until = Date.now() + 15_000;
  let said = '';
  while (Date.now() < until) {
    try {
      said = haproxy.ask(`@1 ${command}`);
    } catch {
      // A reload closes the socket for a moment.
    }
    if (said.includes(sha1)) return;
    await setTimeout(100);
  }
  expect(said).toContain(sha1);
}
