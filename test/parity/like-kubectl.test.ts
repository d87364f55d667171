import { execFile } from 'node:child_process';
import { basename, delimiter } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { say } from '../cli/fake-host.ts';
import { kubectl, noKubectl, whyNoKubectl } from '../cli/real-kubectl.ts';
import { serverCertificate } from '../live/api-server/server-certificate.ts';
import { mintCa } from '../scenario/certificates.ts';
import { clusterEntry, file } from './clusters.ts';
import { type Asked, type Recorder, startRecorder } from './recorder.ts';
import { startSocks } from './socks.ts';
import { startTunnel } from './tunnel.ts';

const run = promisify(execFile);

let servers: Readonly<Record<'here' | 'there' | 'plain', Recorder>>;
beforeAll(async () => {
  servers = { here: await startRecorder(), there: await startRecorder(), plain: await startRecorder('http') };
});
afterAll(async () => {
  for (const server of Object.values(servers)) await server.close();
});

/** Who came first to which server; nobody when the program gave up before. */
type Outcome = Readonly<Partial<Record<keyof typeof servers, Asked>>>;

function takeOutcome(): Outcome {
  const came = Object.entries(servers).map(([name, server]) => [name, server.take()[0]] as const);
  return Object.fromEntries(came.filter(([, asked]) => asked !== undefined));
}

interface Setting {
  readonly flags?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

async function bothWays({
  flags = [],
  environment,
}: Setting): Promise<{ readonly kubectl: Outcome; readonly doctor: Outcome }> {
  const clean = { HOME: '/nonexistent', PATH: env.PATH ?? '', ...environment };
  await run(kubectl, ['get', '--raw', '/version', ...flags], { env: clean }).catch(() => undefined);
  const theirs = takeOutcome();
  await say(['collect', '-q', '-o', '/snapshot', ...flags], { env: clean });
  return { kubectl: theirs, doctor: takeOutcome() };
}

/** A kubeconfig in which jane is as described. */
async function asJane(jane: object, more: object = {}): Promise<string> {
  const names = ['here', 'there'] as const;
  const clusters = await Promise.all(names.map(async (name) => ({ name, cluster: await clusterEntry(servers[name]) })));
  return file({
    'current-context': 'here',
    clusters,
    users: [
      { name: 'jane', user: jane },
      { name: 'joe', user: { token: 'of-joe' } },
    ],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'jane' } })),
    ...more,
  });
}

async function certificateOf(name: string) {
  const validity = { notBefore: Date.parse('2020-01-01T00:00:00Z'), notAfter: Date.parse('2049-01-01T00:00:00Z') };
  const ca = await mintCa({ subject: 'CN=clients', ...validity });
  const leaf = await ca.issue({ subject: `CN=${name}`, dnsNames: [], ...validity });
  return { certificate: leaf.certificatePem, key: leaf.privateKeyPem };
}

const TOKEN = { token: 'of-jane' };
const AS_BOB = {
  ...TOKEN,
  as: 'bob',
  'as-groups': ['dev', 'ops'],
  'as-uid': '7',
  'as-user-extra': { reason: ['a', 'b'] },
};
const GIVES_A_TOKEN = {
  apiVersion: 'client.authentication.k8s.io/v1',
  command: 'sh',
  args: [
    '-c',
    `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-plugin"}}'`,
  ],
  interactiveMode: 'Never',
};

describe.skipIf(noKubectl)(`who comes to the server, as with a real kubectl${whyNoKubectl}`, () => {
  it.each<[string, object, readonly string[]]>([
    ['a token', TOKEN, []],
    ['another user', TOKEN, ['--user', 'joe']],
    ['another token', TOKEN, ['--token', 'typed']],
    ['a token for a plug-in', { exec: GIVES_A_TOKEN }, ['--token', 'typed']],
    ['a plug-in', { exec: GIVES_A_TOKEN }, []],
    ['a plug-in beside a token', { ...TOKEN, exec: GIVES_A_TOKEN }, []],
    ['a name and a password', { username: 'jane', password: 'secret' }, []],
    ['a token for a name and a password', { username: 'jane', password: 'secret' }, ['--token', 'typed']],
    ['a name, a password and a token', { username: 'jane', password: 'secret', ...TOKEN }, []],
    ['another cluster', TOKEN, ['--cluster', 'there']],
    ['another context', TOKEN, ['--context', 'there']],
    ['a context that is not there', TOKEN, ['--context', 'nowhere']],
    ['a user who is not there', TOKEN, ['--user', 'nobody']],
    [
      'impersonation',
      TOKEN,
      [
        '--as',
        'bob',
        '--as-group=dev',
        '--as-group=ops',
        '--as-uid',
        '7',
        '--as-user-extra=reason=a',
        '--as-user-extra=reason=b',
        '--as-user-extra=Te st/x=c',
        "--as-user-extra=(a)!'*~=d",
      ],
    ],
    ['groups without a user', TOKEN, ['--as-group', 'dev']],
    ['a UID without a user', TOKEN, ['--as-uid', '7']],
    ['extra fields without a user', TOKEN, ['--as-user-extra', 'a=b']],
    ['impersonation in the kubeconfig', { ...TOKEN, as: 'bob' }, []],
    ['all impersonation in the kubeconfig', AS_BOB, []],
    ['groups in the kubeconfig alone', { ...TOKEN, 'as-groups': ['dev'] }, []],
    ['groups in the kubeconfig, the user typed', { ...TOKEN, 'as-groups': ['dev'] }, ['--as', 'eve']],
    ['another user than in the kubeconfig', AS_BOB, ['--as', 'eve']],
    ['other groups than in the kubeconfig', AS_BOB, ['--as-group', 'qa']],
    ['another UID than in the kubeconfig', AS_BOB, ['--as-uid', '8']],
    ['more extra fields than in the kubeconfig', AS_BOB, ['--as-user-extra', 'ticket=9']],
    ['other extra fields than in the kubeconfig', AS_BOB, ['--as-user-extra', 'reason=c']],
    ['another user of the kubeconfig than the impersonating one', AS_BOB, ['--user', 'joe']],
  ])('%s', async (_what, jane, flags) => {
    const outcomes = await bothWays({ flags, environment: { KUBECONFIG: await asJane(jane) } });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
  });

  it.each<[string, (path: string) => object, readonly string[]]>([
    ['a file with a token', (tokenFile) => ({ tokenFile }), []],
    ['a file with a token, named as seen from the kubeconfig', (path) => ({ tokenFile: basename(path) }), []],
    ['a token and a file with another', (tokenFile) => ({ ...TOKEN, tokenFile }), []],
    ['a token for a file', (tokenFile) => ({ tokenFile }), ['--token', 'typed']],
  ])('%s', async (_what, jane, flags) => {
    const path = file('of-a-file\n');
    const outcomes = await bothWays({ flags, environment: { KUBECONFIG: await asJane(jane(path)) } });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
    expect(outcomes.doctor.here).toBeDefined();
  });

  it.each<[string, (paths: Readonly<Record<'certificate' | 'key', string>>) => object, readonly string[]]>([
    ['a certificate', ({ certificate, key }) => ({ 'client-certificate': certificate, 'client-key': key }), []],
    [
      'a certificate, named as seen from the kubeconfig',
      ({ certificate, key }) => ({ 'client-certificate': basename(certificate), 'client-key': basename(key) }),
      [],
    ],
    [
      'a certificate and a token',
      ({ certificate, key }) => ({ ...TOKEN, 'client-certificate': certificate, 'client-key': key }),
      [],
    ],
    [
      'a certificate, and a token typed',
      ({ certificate, key }) => ({ 'client-certificate': certificate, 'client-key': key }),
      ['--token', 'typed'],
    ],
  ])('%s', async (_what, jane, flags) => {
    const { certificate, key } = await certificateOf('jane');
    const paths = { certificate: file(certificate), key: file(key) };
    const outcomes = await bothWays({ flags, environment: { KUBECONFIG: await asJane(jane(paths)) } });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
    expect(outcomes.doctor.here?.certificate).toBe('jane');
  });

  it('a certificate typed, for a user with another and with a token', async () => {
    const [typed, other] = [await certificateOf('typed'), await certificateOf('jane')];
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const jane = {
      ...TOKEN,
      'client-certificate-data': base64(other.certificate),
      'client-key-data': base64(other.key),
    };
    const flags = ['--client-certificate', file(typed.certificate), '--client-key', file(typed.key)];
    const outcomes = await bothWays({ flags, environment: { KUBECONFIG: await asJane(jane) } });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
  });

  it.each<[string, (first: string, second: string) => Setting]>([
    ['two files', (first, second) => ({ environment: { KUBECONFIG: [first, second].join(delimiter) } })],
    [
      'two files the other way around',
      (first, second) => ({ environment: { KUBECONFIG: [second, first].join(delimiter) } }),
    ],
    [
      'a file that is typed',
      (first, second) => ({ environment: { KUBECONFIG: second }, flags: ['--kubeconfig', first] }),
    ],
  ])('%s that describe the same user', async (_what, setting) => {
    const first = await asJane({ ...TOKEN, as: 'bob' });
    const second = await asJane(
      { token: 'of-second', 'as-groups': ['dev'], as: 'eve' },
      { 'current-context': 'there' },
    );
    const outcomes = await bothWays(setting(first, second));
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
  });

  it.each<[string, (url: string) => readonly string[]]>([
    ['with its address', (url) => ['--server', url]],
    ['with a path below it', (url) => ['--server', `${url}/some/where/`]],
    ['with a name that its certificate has', (url) => ['--server', url.replace('127.0.0.1', 'localhost')]],
    ['with a name and a path', (url) => ['--server', `${url.replace('127.0.0.1', 'localhost')}/some/where/`]],
    ['with an address and its name', (url) => ['--server', url, '--tls-server-name', 'localhost']],
    ['with an address and another name', (url) => ['--server', url, '--tls-server-name', 'elsewhere']],
    ['with an address that nobody verifies', (url) => ['--server', url, '--insecure-skip-tls-verify']],
  ])('a server that is typed %s', async (_what, flagsFor) => {
    const outcomes = await bothWays({
      flags: flagsFor(servers.there.url),
      environment: { KUBECONFIG: await asJane(TOKEN) },
    });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
  });

  it.each<[string, object, readonly string[]]>([
    ['a token', TOKEN, []],
    ['a token that is typed', {}, ['--token', 'typed']],
    ['a name and a password', { username: 'jane', password: 'secret' }, []],
    ['a plug-in', { exec: GIVES_A_TOKEN }, []],
    ['impersonation', AS_BOB, []],
    ['impersonation that is typed', TOKEN, ['--as', 'eve']],
  ])('a server without TLS, for a user with %s', async (_what, jane, flags) => {
    const clusters = [{ name: 'here', cluster: { server: servers.plain.url } }];
    const outcomes = await bothWays({ flags, environment: { KUBECONFIG: await asJane(jane, { clusters }) } });
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
    expect(outcomes.doctor.plain?.headers.authorization).toBeUndefined();
  });

  it.each<[string, object, readonly string[]]>([
    ['nobody verifies', { 'insecure-skip-tls-verify': true }, []],
    ['nobody verifies, and an authority is typed', { 'insecure-skip-tls-verify': true }, ['--certificate-authority']],
    ['nobody knows the authority of, but it is typed', {}, ['--certificate-authority']],
    ['nobody knows the authority of', {}, []],
  ])('a server that %s', async (_what, cluster, flags) => {
    const { ca } = await serverCertificate();
    const [other, right] = [await certificateOf('other'), file(ca)];
    const clusters = [
      { name: 'here', cluster: { server: servers.here.url, 'tls-server-name': 'localhost', ...cluster } },
    ];
    const environment = { KUBECONFIG: await asJane(TOKEN, { clusters }) };
    for (const authority of flags.length === 0 ? [[]] : [[right], [file(other.certificate)]]) {
      const outcomes = await bothWays({ flags: [...flags, ...authority], environment });
      expect(outcomes.doctor).toEqual(outcomes.kubectl);
    }
  });

  it('a SOCKS proxy of the kubeconfig, which looks the name up', async () => {
    const socks = await startSocks(Number(new URL(servers.here.url).port));
    const cluster = {
      ...(await clusterEntry({ url: 'https://api.invalid:6443' })),
      'proxy-url': socks.url,
    };
    const KUBECONFIG = await asJane(TOKEN, { clusters: [{ name: 'here', cluster }] });
    const outcomes = await bothWays({ environment: { KUBECONFIG } });
    socks.close();
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
    expect(new Set(socks.asked)).toEqual(new Set(['api.invalid:6443']));
    expect(outcomes.doctor.here).toBeDefined();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['HTTPS_PROXY', { HTTPS_PROXY: 'right' }],
    ['https_proxy', { https_proxy: 'right' }],
    ['both, in capital letters right', { HTTPS_PROXY: 'right', https_proxy: 'wrong' }],
    ['both, in small letters right', { HTTPS_PROXY: 'wrong', https_proxy: 'right' }],
    ['HTTP_PROXY alone', { HTTP_PROXY: 'right' }],
    ['ALL_PROXY alone', { ALL_PROXY: 'right' }],
    ['HTTPS_PROXY without a scheme', { HTTPS_PROXY: 'bare' }],
    ['NO_PROXY of another', { HTTPS_PROXY: 'right', NO_PROXY: 'other,10.0.0.0/8' }],
    ['NO_PROXY of everything', { HTTPS_PROXY: 'right', NO_PROXY: '*' }],
    ['NO_PROXY of the name', { HTTPS_PROXY: 'right', NO_PROXY: 'api.invalid' }],
    ['NO_PROXY of the domain', { HTTPS_PROXY: 'right', NO_PROXY: 'invalid' }],
    ['NO_PROXY of what is below the name', { HTTPS_PROXY: 'right', NO_PROXY: '.api.invalid' }],
    ['NO_PROXY with a star', { HTTPS_PROXY: 'right', NO_PROXY: '*.invalid' }],
    ['NO_PROXY of what is below the name, with a star', { HTTPS_PROXY: 'right', NO_PROXY: '*.api.invalid' }],
    ['NO_PROXY of the port', { HTTPS_PROXY: 'right', NO_PROXY: 'API.invalid:6443' }],
    ['NO_PROXY of another port', { HTTPS_PROXY: 'right', NO_PROXY: 'api.invalid:443' }],
    ['no_proxy beside NO_PROXY', { HTTPS_PROXY: 'right', NO_PROXY: 'other', no_proxy: 'api.invalid' }],
  ])('a proxy of the environment: %s', async (_what, variables) => {
    const tunnel = await startTunnel(Number(new URL(servers.here.url).port));
    const named = { right: tunnel.url, bare: tunnel.url.replace('http://', ''), wrong: 'http://127.0.0.1:9' };
    const value = (word: string) => Object.entries(named).find(([name]) => name === word)?.[1] ?? word;
    const proxies = Object.fromEntries(Object.entries(variables).map(([name, word]) => [name, value(word)]));
    const clusters = [{ name: 'here', cluster: await clusterEntry({ url: 'https://api.invalid:6443' }) }];
    const KUBECONFIG = await asJane(TOKEN, { clusters });
    const outcomes = await bothWays({ environment: { KUBECONFIG, ...proxies } });
    tunnel.close();
    expect(outcomes.doctor).toEqual(outcomes.kubectl);
  });
});
