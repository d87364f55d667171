import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbePaths } from '../../src/evidence/probe/command.ts';
import { GONE, type Says, startFakeMaster } from './fake-master.ts';
import { presence, requirements } from './requirements.ts';
import { runProbe, type ShellName } from './run-probe.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'haptic-spire-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SVID = '/none/svid.pem';
const BUNDLE = '/none/bundle.pem';

function pathsAt(socket: string): ProbePaths {
  return { socket, directory: '', svid: SVID, key: '', bundle: BUNDLE };
}

const VERSION = '3.2.26-1\n\n';
const PROCESSES = '#<PID> <type> <version>\n7 master 3.2.26-1\n# workers\n9 worker 3.2.26-1\n\n';
const OF_THE_MASTER = { 'show version': VERSION, 'show proc': PROCESSES, 'show startup-logs': '\n' };
const OF_A_WORKER: Readonly<Record<string, string>> = {
  'show version': VERSION,
  'show info': 'Name: HAProxy\nVersion: 3.2.26-1\n\n',
  [`show ssl cert ${SVID}`]: 'Filename: /none/svid.pem\nStatus: Used\n\n',
  [`show ssl ca-file ${BUNDLE}`]: 'Filename: /none/bundle.pem\n \nCertificate #1:\n\n',
  'show startup-logs': '[NOTICE]   (9) : a\n\n[NOTICE]   (9) : b\n\n',
  'show ssl ca-file': `# filename\n${BUNDLE} - 1 certificate(s)\n\n`,
  'show ssl cert': `# filename\n${SVID}\n\n`,
  'show stat -1 4 -1': '# pxname,svname\n\n',
};
const ALWAYS = Object.keys(OF_A_WORKER).filter((question) => question !== 'show version');
const NO_TARGET = "Can't find the target PID matching the prefix '@1'\n";
const UNKNOWN = "Unknown command: '@1', but maybe one of the following ones is a better match:\n  show info\n\n";

/** A master with one worker, which answers to `target`. */
function haproxy(
  target: string,
  other: string | typeof GONE = GONE,
  changes: Readonly<Record<string, string>> = {},
): Says {
  const worker = Object.entries({ ...OF_A_WORKER, ...changes }).map(([question, said]) => [target + question, said]);
  const all: Readonly<Record<string, string>> = {
    ...Object.fromEntries(worker),
    ...(target === '' ? {} : OF_THE_MASTER),
  };
  return (question) => all[question] ?? (question.startsWith(target) ? '\n' : other);
}

async function ask(shell: ShellName, says: Says, paths: Partial<ProbePaths> = {}) {
  const socket = join(mkdtempSync(join(root, 'run-')), 'master.sock');
  const master = await startFakeMaster(socket, says);
  const { answers, complete } = await runProbe({ ...pathsAt(socket), ...paths }, shell);
  master.close();
  const talk = answers.filter(({ id }) => id === 'haproxy');
  return {
    connections: master.lines.length,
    complete,
    of: (question: string) => talk.find(({ argument }) => argument === question),
    said: Object.fromEntries(talk.map(({ argument, text }) => [argument, text])),
  };
}

describe.each(['dash', 'busybox', 'bash'] as const)('HAProxy asked from %s', (shell) => {
  const { missing, mustNotSkip } = requirements([shell, 'socat']);
  const skip = missing.length > 0 && !mustNotSkip;
  const withShell = (name: string, run: () => Promise<void>) => test.skipIf(skip)(`${name}${presence(missing)}`, run);
  const withPrefix = (target: string) => Object.fromEntries(ALWAYS.map((each) => [target + each, OF_A_WORKER[each]]));

  withShell('what is always asked goes over one connection, and every answer comes as it was given', async () => {
    const { connections, complete, said } = await ask(shell, haproxy('@1 '));
    expect(connections).toBe(1);
    expect(complete).toBe(true);
    expect(said).toEqual({ ...OF_THE_MASTER, ...withPrefix('@1 ') });
  });

  withShell('an answer beyond half a MiB is cut, and says so; the others come whole', async () => {
    const long = '/x'.repeat(49).concat('\n').repeat(6000);
    const { of } = await ask(shell, haproxy('@1 ', GONE, { 'show ssl cert': long }));
    expect(of('@1 show ssl ca-file')).toMatchObject({ status: 0, text: OF_A_WORKER['show ssl ca-file'] });
    const cut = of('@1 show ssl cert');
    expect(cut?.status).toBe(200);
    expect(long.startsWith(cut?.text ?? '?')).toBe(true);
    expect(cut?.text.length).toBeGreaterThan(500_000);
    for (const question of ALWAYS.filter((each) => each !== 'show ssl cert'))
      expect(of(`@1 ${question}`), question).toMatchObject({ status: 0, text: OF_A_WORKER[question] });
  });

  withShell('a connection that ends midway, as in a reload, is followed by another', async () => {
    const says = haproxy('@1 ');
    const { connections, said } = await ask(shell, (question, connection) =>
      connection === 0 && question === '@1 show ssl cert' ? GONE : says(question, connection),
    );
    expect(connections).toBe(2);
    expect(said).toEqual({ ...OF_THE_MASTER, ...withPrefix('@1 ') });
  });

  withShell('text out of certificates that looks like the end of an answer shifts nothing', async () => {
    const forged = `Filename: ${BUNDLE}\n \nCertificate #1:\nSubject: /CN=x\n${VERSION}y\n\n`;
    const { said } = await ask(shell, haproxy('@1 ', GONE, { [`show ssl ca-file ${BUNDLE}`]: forged }));
    expect(said).toEqual({
      ...OF_THE_MASTER,
      ...withPrefix('@1 '),
      [`@1 show ssl ca-file ${BUNDLE}`]: forged,
    });
  });

  withShell('what keeps breaking off is asked for alone, up to the first that gets no answer', async () => {
    const says = haproxy('@1 ');
    const { of, connections } = await ask(shell, (question, connection) =>
      question === '@1 show stat -1 4 -1' ? GONE : says(question, connection),
    );
    expect(connections).toBe(3);
    expect(of('@1 show ssl cert')).toMatchObject({ status: 0, text: OF_A_WORKER['show ssl cert'] });
    expect(of('@1 show stat -1 4 -1')).toMatchObject({ text: '' });
    expect(of(`@1 show ssl cert ${SVID}`)).toBeUndefined();
  });

  withShell('thousands of names that end alike take no time that the files need', async () => {
    const list = `# filename\n${Array.from({ length: 8000 }, (_, at) => `/${at}/svid.pem`).join('\n')}\n\n`;
    const { complete, said } = await ask(shell, haproxy('@1 ', GONE, { 'show ssl cert': list }));
    expect(complete).toBe(true);
    expect(Object.keys(said).filter((question) => /cert \/\d+\//.test(question))).toHaveLength(8);
  });

  withShell('where @1 leads nowhere, the worker is asked by its process id', async () => {
    const { said, of } = await ask(shell, haproxy('@!9 ', NO_TARGET));
    expect(said).toEqual({ ...OF_THE_MASTER, '@1 show info': NO_TARGET, ...withPrefix('@!9 ') });
    expect(of('@1 show info')?.status).toBe(0);
  });

  withShell("a worker's own socket is asked without a target", async () => {
    const says = haproxy('');
    const { of } = await ask(shell, (question, connection) =>
      question.startsWith('@1') ? UNKNOWN : question === 'show proc' ? UNKNOWN : says(question, connection),
    );
    expect(of('@1 show info')).toMatchObject({ status: 0, text: UNKNOWN });
    for (const question of ALWAYS) expect(of(question)).toMatchObject({ status: 0, text: OF_A_WORKER[question] });
    expect(of('show version')?.text).toBe(VERSION);
  });

  withShell('what is in a transaction, or under a name that ends alike, is asked for beside', async () => {
    const says = haproxy('@1 ', GONE, {
      'show ssl cert': `# transaction\n*${SVID}\n\n# filename\n/other/svid.pem\n/other/else.pem\n${SVID}\n\n`,
      [`show ssl cert *${SVID}`]: 'Filename: *a\n\n',
      'show ssl cert /other/svid.pem': 'Filename: b\n\n',
      'show ssl ca-file': `# filename\n${BUNDLE} - 1 certificate(s)\n/o/bundle.pem - 2 certificate(s)\n\n`,
      'show ssl ca-file /o/bundle.pem': 'Filename: c\n\n',
    });
    const { connections, of, said } = await ask(shell, says);
    expect(of(`@1 show ssl cert *${SVID}`)).toMatchObject({ status: 0, text: 'Filename: *a\n\n' });
    expect(of('@1 show ssl cert /other/svid.pem')?.text).toBe('Filename: b\n\n');
    expect(of('@1 show ssl ca-file /o/bundle.pem')?.text).toBe('Filename: c\n\n');
    expect(Object.keys(said).filter((question) => question.includes('else'))).toEqual([]);
    expect(connections).toBe(4);
  });

  withShell('a name that could be read as more than one word is not asked for; everything else is', async () => {
    const svid = '/none/a;b.pem';
    const { of } = await ask(shell, haproxy('@1 '), { svid });
    expect(of(`@1 show ssl cert ${svid}`)).toMatchObject({ status: 201, text: '' });
    expect(of('@1 show stat -1 4 -1')?.status).toBe(0);
  });

  withShell('what is no HAProxy is handed on as it answers', async () => {
    const { of } = await ask(shell, () => 'HTTP/1.1 400 Bad Request\r\n');
    expect(of('show proc')).toMatchObject({
      status: 0,
      text: expect.stringMatching(/^HTTP\/1\.1 400 Bad Request\r\n/),
    });
    expect(of('@1 show info')).toBeUndefined();
  });

  withShell('HAProxy that never comes to an end leaves the time that the files need', async () => {
    const bin = mkdtempSync(join(root, 'bin-'));
    writeFileSync(join(bin, 'socat'), "#!/bin/sh\nprintf '3.2\\n\\n#<PID>\\n\\n3.2\\n\\n'\nexec sleep 60\n");
    chmodSync(join(bin, 'socat'), 0o755);
    const environment = { PATH: `${bin}${delimiter}${env.PATH}` };
    const { answers, complete } = await runProbe(pathsAt('/run/master.sock'), shell, { environment });
    const of = (question: string) => answers.find(({ argument }) => argument === question);
    expect(of('show proc')).toMatchObject({ status: 0, text: '#<PID>\n\n' });
    expect(of('@1 show ssl cert')).toBeUndefined();
    expect(of(SVID)?.id).toBe('stat');
    // Not all was asked.
    expect(complete).toBe(false);
  });

  withShell('a queue of connections that is full is waited in, at the second attempt', async () => {
    const bin = mkdtempSync(join(root, 'bin-'));
    const refusing = `case "$*" in *connect-timeout*) echo 'Resource temporarily unavailable' >&2; exit 1 ;; esac\nprintf '3.2\\n\\n#<PID>\\n\\n3.2\\n\\n'\n`;
    writeFileSync(join(bin, 'socat'), `#!/bin/sh\n${refusing}`);
    chmodSync(join(bin, 'socat'), 0o755);
    const environment = { PATH: `${bin}${delimiter}${env.PATH}` };
    const { answers } = await runProbe(pathsAt('/run/master.sock'), shell, { environment });
    expect(answers.find(({ argument }) => argument === 'show proc')).toMatchObject({ status: 0, text: '#<PID>\n\n' });
  });
});
