import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { spireFixture } from './fixture.ts';
import {
  asDoctor,
  DIRECTORY,
  exitCode,
  fixture,
  helperInDirectory,
  POD,
  read,
  started,
  work,
} from './helper-under-test.ts';

const ID = 'spiffe://prod.example.com/ns/haptic/sa/default';

afterEach(() => fixture.close());

describe('a spiffe-helper that gets its SVID', () => {
  it('writes certificate, key and bundle, and says so as the real one does', async () => {
    const helper = await helperInDirectory({});
    const leaf = new X509Certificate(read(helper, 'svid.pem'));
    const root = new X509Certificate(read(helper, 'bundle.pem'));
    expect(leaf.subjectAltName).toContain(`URI:${ID}`);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(read(helper, 'svid.pem.key')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(statSync(helper.onHost(`${DIRECTORY}/svid.pem.key`)).mode & 0o777).toBe(0o600);
    expect(statSync(helper.onHost(`${DIRECTORY}/svid.pem`)).mode & 0o777).toBe(0o644);
    expect(helper.lines.map((line) => /msg="?(.*?)"? (?:spiffe_id|system)=/.exec(line)?.[1])).toEqual([
      'Using configuration file: \\"/etc/spiffe-helper/helper.conf\\"',
      'Launching daemon',
      'Starting health server',
      'Watching for X509 Context',
      'Received update',
      'X.509 certificates updated',
    ]);
    expect(asDoctor(helper)).toMatchObject({ receivedIds: [ID], lastUpdate: {} });
  });

  it('is alive and ready on its port, and nowhere else', async () => {
    const { program } = await helperInDirectory({});
    expect(await program.probe?.(8081, '/live')).toBe(200);
    expect(await program.probe?.(8081, '/ready')).toBe(200);
    expect(await program.probe?.(8081, '/healthz')).toBe(404);
    expect(await program.probe?.(8091, '/live')).toBe('refused');
  });

  it('gets a certificate that was issued as long ago as asked, and a new one at a rotation', async () => {
    const helper = await helperInDirectory({});
    const before = new X509Certificate(read(helper, 'svid.pem'));
    expect(Math.round((Date.now() - before.validFromDate.getTime()) / 60_000)).toBe(20);
    await fixture.spire.rotate();
    const after = new X509Certificate(read(helper, 'svid.pem'));
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(Date.now() - after.validFromDate.getTime()).toBeLessThan(60_000);
    expect(helper.lines.filter((line) => line.includes('X.509 certificates updated'))).toHaveLength(2);
  });

  it('keeps the old file when its watch hangs', async () => {
    const helper = await helperInDirectory({});
    const before = read(helper, 'svid.pem');
    fixture.spire.stall({ namespace: 'haptic', name: POD });
    await fixture.spire.rotate();
    expect(read(helper, 'svid.pem')).toBe(before);
  });

  it('has two roots while the authority changes, and one afterwards', async () => {
    const helper = await helperInDirectory({});
    const roots = () => read(helper, 'bundle.pem').split('-----BEGIN CERTIFICATE-----').length - 1;
    const { retire } = await fixture.spire.rotateAuthority();
    expect(roots()).toBe(2);
    await retire();
    expect(roots()).toBe(1);
    const root = new X509Certificate(read(helper, 'bundle.pem'));
    expect(new X509Certificate(read(helper, 'svid.pem')).verify(root.publicKey)).toBe(true);
  });

  it('moves intermediates into the bundle only when told', async () => {
    const count = (text: string) => text.split('-----BEGIN CERTIFICATE-----').length - 1;
    const plain = await helperInDirectory({}, { nested: true });
    expect([count(read(plain, 'svid.pem')), count(read(plain, 'bundle.pem'))]).toEqual([2, 1]);
    await fixture.close();
    const moved = await helperInDirectory(
      { conf: (text) => `${text}add_intermediates_to_bundle = true\n` },
      { nested: true },
    );
    expect([count(read(moved, 'svid.pem')), count(read(moved, 'bundle.pem'))]).toEqual([1, 2]);
  });

  it('gives a backend an identity with the names of its Service', async () => {
    await helperInDirectory({});
    const pod = fixture.store.list('Pod', 'shop')[0];
    const identity = pod && fixture.spire.identityOf(pod);
    expect(new X509Certificate(identity?.certificatePem ?? '').subjectAltName).toBe(
      'URI:spiffe://prod.example.com/ns/shop/sa/api, DNS:api, DNS:api.shop, DNS:api.shop.svc, DNS:api.shop.svc.cluster.local',
    );
  });
});

describe('a spiffe-helper that cannot reach the Workload API', () => {
  const dialed = async (agentAddress: string) => {
    const helper = await helperInDirectory({
      conf: (text) => text.replace('/spiffe-workload-api/spire-agent.sock', agentAddress),
    });
    return { helper, log: asDoctor(helper) };
  };

  it.each(['/spiffe-workload-api/agent.sock', '/elsewhere/spire-agent.sock', '/tmp/spire-agent/public/api.sock'])(
    'finds no socket at %s',
    async (path) => {
      const { helper, log } = await dialed(path);
      expect(log.dialError).toMatchObject({ path, reason: 'no such file or directory' });
      expect(await helper.program.probe?.(8081, '/ready')).toBe(503);
      expect(await helper.program.probe?.(8081, '/live')).toBe(200);
    },
  );

  it.each(['socket', 'api.sock'])('is served at the link %s', async (name) => {
    const { log } = await dialed(`/spiffe-workload-api/${name}`);
    expect(log.lastUpdate).toBeDefined();
  });

  it.each([
    ['unix:///spiffe-workload-api/spire-agent.sock', 'unix:'],
    ['spire-agent.sock', 'spire-agent.sock'],
  ])('ends at the address %s', async (address, authority) => {
    const { helper } = await dialed(address);
    expect(await exitCode(helper)).toBe(1);
    expect(helper.lines.at(-1)).toContain(
      `msg="Error starting spiffe-helper" error="failed to exit idle mode: invalid (non-empty) authority: ${authority}" system=spiffe-helper`,
    );
  });

  it('is served again when the agent of its node comes back', async () => {
    const helper = await helperInDirectory({});
    await fixture.close();
    work(await spireFixture());
    await fixture.startPlatform(['spire-server', 'spire-controller-manager', 'spiffe-csi-driver']);
    await fixture.settle();
    const waiting = await fixture.start(POD, 'spiffe-helper');
    mkdirSync(waiting.onHost(DIRECTORY), { recursive: true });
    chmodSync(waiting.onHost(DIRECTORY), 0o777);
    expect(asDoctor(waiting).dialError?.reason).toBe('no such file or directory');
    await fixture.startPlatform(['spire-agent']);
    await fixture.settle();
    expect(asDoctor(waiting).dialError).toBeUndefined();
    expect(asDoctor(waiting).lastUpdate).toBeDefined();
    expect(helper.lines.at(-1)).toContain('msg=Exiting');
  });

  it('sees an empty directory through a stale mount', async () => {
    await helperInDirectory({});
    const node = fixture.platform.nodes.get('node-a');
    if (node) node.staleMountsBefore = Date.now() + 1_000;
    expect(asDoctor(await started()).dialError?.reason).toBe('no such file or directory');
  });
});

describe('a spiffe-helper that is refused', () => {
  it('gets no identity when nothing registers its pod', async () => {
    const helper = await helperInDirectory({
      objects: (all) =>
        all.splice(
          all.findIndex(({ kind }) => kind === 'ClusterSPIFFEID'),
          1,
        ),
    });
    expect(asDoctor(helper).lastError?.text).toContain(
      'msg="Error while watching x509 context: rpc error: code = PermissionDenied desc = no identity issued"',
    );
    expect(asDoctor(helper).dialError).toBeUndefined();
  });

  it('is told that attestation failed, and its agent says why', async () => {
    await helperInDirectory({});
    const node = fixture.platform.nodes.get('node-a');
    if (node) node.attestation = { error: 'no selectors found after max poll attempts' };
    expect(asDoctor(await started()).lastError?.text).toContain('code = PermissionDenied desc = no identity issued');
  });

  it('does not find a hint that nothing carries', async () => {
    const helper = await helperInDirectory({ conf: (text) => `${text}hint = "mtls"\n` });
    expect(helper.lines.at(-1)).toContain('msg="Unable to dump bundle" error="failed to find the hinted x509 SVID"');
    expect(await helper.program.probe?.(8081, '/live')).toBe(503);
  });
});
