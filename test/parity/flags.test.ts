import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addConnectionFlags } from '../../src/cli/flags.ts';
import type { Host } from '../../src/cli/host.ts';
import { say } from '../cli/fake-host.ts';
import type { ApiServer } from '../live/api-server/server.ts';
import { serverCertificate } from '../live/api-server/server-certificate.ts';
import { mintCa } from '../scenario/certificates.ts';
import { file, kubeconfig, startCluster } from './clusters.ts';

let here: ApiServer;
let there: ApiServer;
let config: string;

beforeAll(async () => {
  here = await startCluster();
  there = await startCluster();
  config = await kubeconfig({ here, there });
});
afterAll(async () => {
  await here.close();
  await there.close();
});

/** Gathers with these flags; tells what the two servers were asked meanwhile. */
async function collect(flags: readonly string[], { env = { KUBECONFIG: config }, ...machine }: Partial<Host> = {}) {
  const before = [here.requests.length, there.requests.length];
  const said = await say(['collect', '-q', '-o', '/snapshot', ...flags], { env, ...machine });
  const asked = { here: here.requests.slice(before[0]), there: there.requests.slice(before[1]) };
  return { ...said, ...asked };
}

const NONE = { KUBECONFIG: '/does/not/exist' };

/** What each of kubectl's connection flags does, in a run with it and, where that tells more, without. */
const FLAGS: Readonly<Record<string, () => Promise<void>>> = {
  '--kubeconfig': async () => {
    expect((await collect([], { env: NONE })).exitCode).toBe(3);
    const { exitCode, here: asked } = await collect(['--kubeconfig', config], { env: NONE });
    expect([exitCode, asked.length > 0]).toEqual([0, true]);
  },
  '--context': async () => {
    const { exitCode, ...asked } = await collect(['--context', 'there']);
    expect([exitCode, asked.here.length, asked.there.length > 0]).toEqual([0, 0, true]);
  },
  '--cluster': async () => {
    const { exitCode, ...asked } = await collect(['--cluster', 'there']);
    expect([exitCode, asked.here.length, asked.there.length > 0]).toEqual([0, 0, true]);
    expect(asked.there[0]?.headers.authorization).toBe('Bearer good-token');
  },
  '--user': async () => {
    const { exitCode, stderr, here: asked } = await collect(['--user', 'joe']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("does not accept the credentials of user 'joe'");
    expect(asked[0]?.headers.authorization).toBe('Bearer token-of-joe');
  },
  '--as': async () => {
    const { here: asked } = await collect(['--as', 'bob']);
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers } of asked) expect(headers['impersonate-user']).toBe('bob');
    expect(asked.some(({ verb }) => verb === 'exec')).toBe(true);
  },
  '--as-group': async () => {
    const { here: asked } = await collect(['--as', 'bob', '--as-group', 'dev', '--as-group=ops']);
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers } of asked) expect(headers['impersonate-group']).toBe('dev, ops');
  },
  '--as-uid': async () => {
    const { here: asked } = await collect(['--as', 'bob', '--as-uid', '4711']);
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers } of asked) expect(headers['impersonate-uid']).toBe('4711');
  },
  '--as-user-extra': async () => {
    const { here: asked } = await collect([
      '--as=bob',
      '--as-user-extra',
      'reason=on call',
      '--as-user-extra=ticket=7',
    ]);
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers } of asked) {
      expect(headers).toMatchObject({ 'impersonate-extra-reason': 'on call', 'impersonate-extra-ticket': '7' });
    }
  },
  '--server': async () => {
    // Whoever types an address means its own name, not the one that the kubeconfig expects of another.
    const url = there.url.replace('127.0.0.1', 'localhost');
    for (const flags of [['--server', url], [`-s=${url}`], ['-s', url]]) {
      const asked = await collect(flags);
      expect([asked.exitCode, asked.here.length, asked.there.length > 0]).toEqual([0, 0, true]);
    }
  },
  '--token': async () => {
    const { here: asked } = await collect(['--user', 'joe', '--token', 'good-token']);
    expect(asked[0]?.headers.authorization).toBe('Bearer good-token');
  },
  '--certificate-authority': async () => {
    const env = { KUBECONFIG: await kubeconfig({ here: { url: here.url, authority: false } }) };
    expect((await collect([], { env })).stderr).toContain('its certificate is not signed by the authority');
    const { ca } = await serverCertificate();
    expect(await collect(['--certificate-authority', file(ca)], { env })).toMatchObject({ exitCode: 0, stderr: '' });
  },
  '--insecure-skip-tls-verify': async () => {
    const env = { KUBECONFIG: await kubeconfig({ here: { url: here.url, authority: false, tlsServerName: false } }) };
    expect((await collect([], { env })).exitCode).toBe(3);
    expect((await collect(['--insecure-skip-tls-verify=false'], { env })).exitCode).toBe(3);
    expect(await collect(['--insecure-skip-tls-verify'], { env })).toMatchObject({ exitCode: 0, stderr: '' });
  },
  '--tls-server-name': async () => {
    const env = { KUBECONFIG: await kubeconfig({ here: { url: here.url, tlsServerName: false } }) };
    expect((await collect([], { env })).stderr).toContain('its certificate is for another name');
    expect(await collect(['--tls-server-name', 'localhost'], { env })).toMatchObject({ exitCode: 0, stderr: '' });
  },
  '--client-certificate': async () => expect(await whoCame(await identity('alice'))).toEqual(['alice']),
  '--client-key': async () => {
    const [alice, bob] = [await identity('alice'), await identity('bob')];
    const { exitCode, stderr } = await collect(['--client-certificate', alice.certificate, '--client-key', bob.key]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("they are broken, or don't belong together");
    expect(await whoCame(bob)).toEqual(['bob']);
  },
  '--request-timeout': async () => {
    const stuck = await startCluster({ fault: ({ kind }) => (kind === 'Service' ? { fault: 'hang' } : undefined) });
    const after: Host['after'] = (milliseconds, action) => {
      const timer = milliseconds === 1234 ? setTimeout(action, 200) : undefined;
      return () => clearTimeout(timer);
    };
    const flags = ['--kubeconfig', await kubeconfig({ stuck }), '--request-timeout', '1234ms'];
    const { exitCode, stderr } = await say(['collect', '-o', '/snapshot', ...flags], { after });
    await stuck.close();
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Not collected: Service objects: no answer in time');
  },
};

/** Names in the client certificates that a server sees which is asked with this identity. */
async function whoCame({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  const { cert, key: serverKey } = await serverCertificate();
  const seen = new Set<string>();
  const options = { cert, key: serverKey, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (request, response) => {
    seen.add(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
    response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const flags = ['--client-certificate', certificate, '--client-key', key];
  await collect(flags, { env: { KUBECONFIG: await kubeconfig({ here: { url } }) } });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return [...seen];
}

async function identity(name: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const validity = { notBefore: Date.parse('2020-01-01T00:00:00Z'), notAfter: Date.parse('2049-01-01T00:00:00Z') };
  const ca = await mintCa({ subject: 'CN=clients', ...validity });
  const leaf = await ca.issue({ subject: `CN=${name}`, dnsNames: [], ...validity });
  return { certificate: file(leaf.certificatePem), key: file(leaf.privateKeyPem) };
}

describe('kubectl’s connection flags', () => {
  it('are all looked at here', () => {
    const command = new Command();
    addConnectionFlags(command);
    expect(command.options.map(({ long }) => long ?? '').toSorted()).toEqual(Object.keys(FLAGS).toSorted());
  });

  it.each(Object.entries(FLAGS))('%s does what it does for kubectl', async (_flag, look) => {
    expect.hasAssertions();
    await look();
  });
});

describe('kubectl’s other flags', () => {
  it.each([['-n', 'haptic'], ['--namespace=haptic'], ['-n=haptic'], ['-nhaptic']])(
    '%s %s asks in one namespace',
    async (...flags) => {
      const { here: asked } = await collect(flags);
      const pods = asked.filter(({ verb, kind }) => verb === 'list' && kind === 'Deployment');
      expect(pods.map(({ namespace }) => namespace)).toEqual(['haptic']);
    },
  );

  it('-A is content with nothing less than all namespaces', async () => {
    const narrow = await startCluster({
      fault: ({ verb, namespace }) =>
        verb === 'list' && namespace === undefined ? { fault: 'status', status: 403, message: 'no' } : undefined,
    });
    const flags = ['--kubeconfig', await kubeconfig({ narrow })];
    const lists = () => narrow.requests.filter(({ verb, kind }) => verb === 'list' && kind === 'Pod');
    await say(['collect', '-q', '-o', '/snapshot', ...flags]);
    const without = lists().length;
    await say(['collect', '-q', '-o', '/snapshot', ...flags, '-A']);
    const namespaces = lists().map(({ namespace }) => namespace);
    await narrow.close();
    expect(namespaces.slice(0, without)).toContain('haptic');
    expect(namespaces.slice(without)).toEqual([undefined]);
  });

  it.each([['-v', '1'], ['-v=6'], ['--v=1'], ['-v1']])('%s %s says what is asked', async (...flags) => {
    const quiet = await say(['collect', '-o', '/snapshot'], { env: { KUBECONFIG: config } });
    const { stderr } = await say(['collect', '-o', '/snapshot', ...flags], { env: { KUBECONFIG: config } });
    expect(quiet.stderr).not.toContain('what runs there');
    expect(stderr).toContain(`asking ${here.url} what runs there`);
  });
});
