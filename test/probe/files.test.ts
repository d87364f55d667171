import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberedLines } from '../../src/evidence/haproxy-cfg/config-lines.ts';
import { readConfig } from '../../src/evidence/haproxy-cfg/read-config.ts';
import type { ProbePaths } from '../../src/evidence/probe/command.ts';
import { type Issued, mintCa, type TestCa } from '../scenario/certificates.ts';
import { locate, presence, requirements } from './requirements.ts';
import { type ProbeRun, runProbe, type ShellName } from './run-probe.ts';

const AT = Date.parse('2026-11-22T03:00:00Z');
let root: string;
let ca: TestCa;
let svid: Issued;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'haptic-spire-'));
  ca = await mintCa({
    subject: 'CN=prod.example.com, O=SPIFFE',
    notBefore: AT - 86_400_000,
    notAfter: AT + 86_400_000,
  });
  svid = await ca.issue({
    uris: ['spiffe://prod.example.com/x'],
    dnsNames: ['x'],
    notBefore: AT,
    notAfter: AT + 3_600_000,
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let rooms = 0;
function room(files: Readonly<Record<string, string>>): ProbePaths {
  rooms += 1;
  const directory = join(root, `${rooms}`);
  const path = (name: string) => join(directory, name);
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
  // Whatever the umask is.
  chmodSync(directory, 0o755);
  for (const name of Object.keys(files)) chmodSync(path(name), 0o644);
  return {
    socket: '',
    directory,
    svid: path('svid.pem'),
    key: path('svid.pem.key'),
    bundle: path('bundle.pem'),
    config: path('haproxy.cfg'),
  };
}

function answer(run: ProbeRun, id: string, argument: string) {
  return run.answers.find((one) => one.id === id && one.argument === argument);
}

function bodyOf(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
}

/** The secret number of a P-256 key in PKCS#8 (bytes 36 to 68) as base64, in pieces; the rest of the file is public. */
function secretPieces(pem: string): readonly string[] {
  const secret = bodyOf(pem).join('').slice(48, 88);
  return [0, 10, 20, 30].map((at) => secret.slice(at, at + 10));
}

/** The programs that the probe may use, all but one, as a PATH. */
function pathWithout(lacking: string): string {
  const bin = mkdtempSync(join(root, 'bin-'));
  for (const name of ['date', 'head', 'openssl', 'sleep', 'timeout', 'true', 'stat']) {
    const found = locate(name);
    if (name !== lacking && found) symlinkSync(found, join(bin, name));
  }
  return bin;
}

for (const shell of ['dash', 'busybox', 'bash'] as const satisfies readonly ShellName[]) {
  const { missing, mustNotSkip } = requirements([shell, 'openssl']);
  describe.skipIf(missing.length > 0 && !mustNotSkip)(`in ${shell}${presence(missing)}`, () => {
    const VOID = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';

    test('certificates, labels, stats and the public half of the key are given', async () => {
      const paths = room({
        'svid.pem': svid.chainPem,
        'svid.pem.key': svid.privateKeyPem,
        'bundle.pem': `# roots\r\n${ca.certificatePem.replaceAll('\n', '\r\n')}${svid.certificatePem}`,
      });
      const run = await runProbe(paths, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'certificates', paths.svid)).toMatchObject({ status: 0, text: svid.chainPem });
      expect(answer(run, 'certificates', paths.bundle)?.text).toBe(ca.certificatePem + svid.certificatePem);
      expect(answer(run, 'blocks', paths.bundle)?.text).toMatch(
        /^2:-----BEGIN CERTIFICATE-----\n\d+:-----BEGIN CERTIFICATE-----\n$/,
      );
      expect(answer(run, 'public-key', paths.key)).toMatchObject({ status: 0, text: svid.spkiPem });
      expect(answer(run, 'stat', paths.key)?.text).toMatch(/^regular file\|\d+\|\d+\|644\|\d+\|\d+\n$/);
      expect(answer(run, 'readable', paths.key)?.status).toBe(0);
      expect(answer(run, 'whoami', '')?.text).toBe(
        execFileSync('sh', ['-c', 'id -u; id -g; id -G'], { encoding: 'utf8' }),
      );
    });

    test('what is missing is said to be missing', async () => {
      const paths = room({});
      const run = await runProbe(paths, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'stat', paths.svid)).toMatchObject({
        text: expect.stringContaining('No such file or directory'),
      });
      for (const id of ['stat', 'readable', 'certificates', 'blocks'])
        expect(answer(run, id, paths.svid)?.status, id).not.toBe(0);
      expect(answer(run, 'public-key', paths.key)?.status).not.toBe(0);
      expect(answer(run, 'config', paths.config ?? '')?.status).not.toBe(0);
    });

    test('a file that the user may not open is said to be so, and the others are looked at', async () => {
      const paths = room({ 'svid.pem': svid.chainPem, 'svid.pem.key': svid.privateKeyPem });
      chmodSync(root, 0o755);
      chmodSync(paths.key, 0);
      // Root may open everything.
      const run = await runProbe(paths, shell, process.getuid?.() === 0 ? { user: 65534 } : {});
      expect(run.complete).toBe(true);
      for (const id of ['readable', 'public-key']) expect(answer(run, id, paths.key)?.status, id).not.toBe(0);
      expect(answer(run, 'readable', paths.key)?.text).toMatch(/permission denied/i);
      expect(answer(run, 'stat', paths.key)?.text).toMatch(/^regular file\|\d+\|\d+\|0\|/);
      for (const id of ['readable', 'certificates']) expect(answer(run, id, paths.svid)?.status, id).toBe(0);
      expect(answer(run, 'readable', paths.directory)?.status).toBe(0);
    });

    test('no byte of a private key leaves the pod, however the file is broken', async () => {
      const key = svid.privateKeyPem;
      const body = bodyOf(key);
      const cert = svid.certificatePem.trimEnd().split('\n');
      const hidden: Readonly<Record<string, string>> = {
        combined: svid.certificatePem + key,
        'certificate without END': `${cert.slice(0, -1).join('\n')}\n${key}`,
        'key without BEGIN behind a certificate without END': [
          ...cert.slice(0, -1),
          ...body,
          '-----END CERTIFICATE-----',
        ].join('\n'),
        'key labelled as a certificate': ['-----BEGIN CERTIFICATE-----', ...body, '-----END CERTIFICATE-----'].join(
          '\n',
        ),
        'key before the rest of a certificate': [cert[0], ...body, ...cert.slice(1)].join('\n'),
        'certificate begun twice': [cert[0], ...body, ...cert].join('\n'),
        'key between lines': [...cert.slice(0, 3), key, ...cert.slice(3)].join('\n'),
        crlf: (key + svid.certificatePem).replaceAll('\n', '\r\n'),
        'lower case': key.replaceAll('PRIVATE KEY', 'private key'),
        'without armour': body.join('\n'),
        'one line': body.join(''),
        indented: key.replaceAll(/^/gm, '  '),
        'label with the key in it': `-----BEGIN ${body.join('')}-----\n`,
        'upper-case label': `-----BEGIN ${body.join('').toUpperCase().slice(0, 60)}-----\n`,
      };
      for (const [name, text] of Object.entries(hidden)) {
        const paths = room({ 'svid.pem': text, 'bundle.pem': text, 'svid.pem.key': text, 'haproxy.cfg': text });
        const run = await runProbe(paths, shell);
        expect(run.complete, name).toBe(true);
        const output = run.bytes.toString('latin1');
        for (const piece of secretPieces(key)) {
          expect(output.includes(piece), `${name}: ${piece}`).toBe(false);
          expect(output.includes(piece.toUpperCase()), `${name}: ${piece}`).toBe(false);
        }
        expect(output, name).not.toMatch(/BEGIN [A-Z ]*PRIVATE[^-]*-----\n[A-Za-z0-9+/]{16}/);
      }
    });

    test('blocks that are not certificates leave an empty one in their place, so that they are not overlooked', async () => {
      const paths = room({
        'svid.pem': `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${svid.certificatePem}-----BEGIN CERTIFICATE-----\nMIIB`,
      });
      const run = await runProbe(paths, shell);
      expect(answer(run, 'certificates', paths.svid)?.text).toBe(VOID + svid.certificatePem + VOID);
    });

    test('of haproxy.cfg only the lines that are needed leave the pod, with their numbers', async () => {
      const config = [
        'global',
        '  stats socket /x level admin',
        '  crt-base /etc/haproxy/certs',
        'userlist u',
        '  user admin insecure-password hunter2',
        'backend b',
        '\toption  httpchk GET /h HTTP/1.1\\r\\nAuthorization:\\ Basic\\ hunter2',
        '  http-check send hdr Authorization hunter2',
        '  http-request set-header X hunter2',
        '  server s 10.0.0.1:443 ssl crt /a.pem # hunter2',
        '',
      ].join('\n');
      const paths = room({ 'haproxy.cfg': config });
      const run = await runProbe(paths, shell);
      expect(answer(run, 'config', paths.config ?? '')?.text).toBe(
        [
          '1:global',
          '3:  crt-base /etc/haproxy/certs',
          '4:userlist',
          '6:backend b',
          '7:\toption  httpchk',
          '8:  http-check send',
          '10:  server s 10.0.0.1:443 ssl crt /a.pem',
          '',
        ].join('\n'),
      );
      expect(run.bytes.includes('hunter2')).toBe(false);
    });

    test('of sections without certificates only the keyword leaves the pod, so that their servers join no backend', async () => {
      const others =
        'userlist peers resolvers mailers cache http-errors ring log-forward log-profile fcgi-app program crt-store traces acme';
      const config = [
        'backend b',
        '  server one 10.0.0.1:443 ssl',
        ...others
          .split(' ')
          .flatMap((section) => [`${section} hunter2 # x`, '  server mate 10.0.0.9:1024', '\tbind :9']),
        'defaults d',
        '  no option httpchk',
        'listen l',
        '  server-template web 2 10.0.0.3:80',
        '',
      ].join('\n');
      const paths = room({ 'haproxy.cfg': config });
      const run = await runProbe(paths, shell);
      const text = answer(run, 'config', paths.config ?? '')?.text ?? '';
      expect(text.split('\n')).toEqual([
        '1:backend b',
        '2:  server one 10.0.0.1:443 ssl',
        ...others.split(' ').map((section, index) => `${3 + 3 * index}:${section}`),
        '45:defaults d',
        '46:  no option httpchk',
        '47:listen l',
        '48:  server-template web 2 10.0.0.3:80',
        '',
      ]);
      expect(readConfig(numberedLines(text)).backends.map(({ servers }) => servers.length)).toEqual([1, 1]);
      expect(run.bytes.includes('hunter2')).toBe(false);
    });

    test('paths are paths: nothing in them is run, and nothing is written', async () => {
      const paths = room({ 'a.pem': svid.certificatePem });
      const before = readdirSync(paths.directory);
      const evil = `${paths.directory}/$(touch ${paths.directory}/x);\`id\`\n--help '"*`;
      const hostile = {
        socket: `${evil}!!exec:id`,
        directory: '-c',
        svid: evil,
        key: '--help',
        bundle: '*',
        config: '-e',
      };
      const run = await runProbe(hostile, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'haproxy', 'show proc')?.status).toBe(201);
      expect(answer(run, 'certificates', evil)?.status).toBe(1);
      expect(existsSync(join(paths.directory, 'x'))).toBe(false);
      expect(readdirSync(paths.directory)).toEqual(before);
    });

    test('pipes and devices are not opened', async () => {
      const paths = room({});
      execFileSync('mkfifo', [paths.svid]);
      symlinkSync('/dev/zero', paths.key);
      symlinkSync('/nowhere', paths.bundle);
      const run = await runProbe(paths, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'certificates', paths.svid)?.status).toBe(1);
      expect(answer(run, 'public-key', paths.key)?.status).toBe(1);
      expect(answer(run, 'stat', paths.bundle)?.text).toMatch(/^symbolic link\|/);
    });

    test('text beyond ASCII does not shift what follows it', async () => {
      const paths = room({ 'haproxy.cfg': 'backend grün-äöü-🙂\n' });
      const run = await runProbe({ ...paths, bundle: `${paths.directory}/ümläut-🙂.pem` }, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'stat', `${paths.directory}/ümläut-🙂.pem`)?.status).toBe(1);
      expect(answer(run, 'config', paths.config ?? '')?.text).toBe('1:backend grün-äöü-🙂\n');
    });

    test('a bundle of a hundred certificates is given whole, in bounded time', async () => {
      const paths = room({ 'bundle.pem': ca.certificatePem.repeat(100) });
      const run = await runProbe(paths, shell);
      expect(run.complete).toBe(true);
      expect(answer(run, 'certificates', paths.bundle)?.text).toBe(ca.certificatePem.repeat(100));
    });

    test('who it is, is what id says, one after the other', async () => {
      const run = await runProbe(room({}), shell);
      const [user = '', group = '', groups = ''] = (answer(run, 'whoami', '')?.text ?? '').split('\n');
      const said = (flag: string) => execFileSync('id', [flag], { encoding: 'utf8' }).trim();
      expect([user, group]).toEqual([said('-u'), said('-g')]);
      expect(new Set(groups.split(' '))).toEqual(new Set(said('-G').split(' ')));
    });

    test.each([
      ['with stat', undefined],
      ['without it', 'stat'],
    ])('of a file beyond half a MiB only the beginning is read, %s', async (_, lacking) => {
      const count = Math.ceil(524_288 / ca.certificatePem.length) + 20;
      const paths = room({ 'bundle.pem': ca.certificatePem.repeat(count), 'svid.pem': svid.chainPem });
      const environment = lacking === undefined ? undefined : { PATH: pathWithout(lacking) };
      const run = await runProbe(paths, shell, environment ? { environment } : {});
      expect(run.complete).toBe(true);
      const blocks = answer(run, 'blocks', paths.bundle)?.text.trimEnd().split('\n').length ?? 0;
      expect(blocks).toBeGreaterThan(count - 25);
      expect(blocks).toBeLessThan(count - 15);
      for (const id of ['blocks', 'certificates']) expect(answer(run, id, paths.bundle)?.status, id).toBe(200);
      expect(answer(run, 'certificates', paths.svid)).toMatchObject({ status: 0, text: svid.chainPem });
    });

    test.each([
      [
        'v2, nearly full',
        { 'memory.max': '67108864', 'memory.current': '50331648', 'memory.stat': 'inactive_file 1048576' },
        202,
      ],
      [
        'v2, full of what can be dropped',
        { 'memory.max': '67108864', 'memory.current': '60000000', 'memory.stat': 'anon 1\ninactive_file 50000000' },
        0,
      ],
      ['v2, no limit', { 'memory.max': 'max', 'memory.current': '60000000', 'memory.stat': '' }, 0],
      ['v2, unreadable numbers', { 'memory.max': 'x', 'memory.current': '$(id)', 'memory.stat': '' }, 202],
    ])('openssl runs only with memory to spare: cgroup %s', async (_, files, status) => {
      const paths = room({ 'svid.pem.key': svid.privateKeyPem });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(paths.directory, name), `${text}\n`);
      const run = await runProbe(paths, shell, { cgroup: paths.directory });
      expect(run.complete).toBe(true);
      expect(answer(run, 'public-key', paths.key)?.status).toBe(status);
    });

    test('openssl runs only with memory to spare: cgroup v1, nearly full', async () => {
      const paths = room({ 'svid.pem.key': svid.privateKeyPem });
      mkdirSync(join(paths.directory, 'memory'));
      const files = { limit_in_bytes: '67108864', usage_in_bytes: '60000000', stat: 'total_inactive_file 0' };
      for (const [name, text] of Object.entries(files))
        writeFileSync(join(paths.directory, `memory/memory.${name}`), `${text}\n`);
      const run = await runProbe(paths, shell, { cgroup: paths.directory });
      expect(answer(run, 'public-key', paths.key)?.status).toBe(202);
    });

    test('an image without any tool says so, and the probe still ends', async () => {
      const paths = room({ 'svid.pem': svid.chainPem });
      const empty = join(paths.directory, 'bin');
      mkdirSync(empty);
      const run = await runProbe({ ...paths, socket: '/nowhere.sock' }, shell, { environment: { PATH: empty } });
      expect(run.complete).toBe(true);
      // BusyBox has its tools in itself.
      expect(answer(run, 'clock', '')?.status).toBe(shell === 'busybox' ? 0 : 127);
      expect(answer(run, 'stat', paths.svid)?.status).toBe(shell === 'busybox' ? 0 : 127);
      expect(answer(run, 'certificates', paths.svid)?.status).toBe(shell === 'busybox' ? 0 : 127);
      expect(answer(run, 'haproxy', 'show proc')?.status).toBe(127);
    });
  });
}
