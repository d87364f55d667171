import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type EditableObject, readField, writeField } from '../../scenario/field-edit.ts';
import { spireFixture } from './fixture.ts';
import { fixture, identityOf, inDefault, registered, work } from './registration-under-test.ts';

afterEach(() => fixture.close());

describe('spire-agent', () => {
  it('serves what somebody registered by hand', async () => {
    work(await spireFixture({ objects: (all) => all.filter(({ kind }) => kind !== 'ClusterSPIFFEID') }));
    fixture.platform.spire.manualEntries.push({
      spiffeId: 'spiffe://prod.example.com/edge',
      selectors: ['k8s:ns:haptic', 'k8s:sa:default'],
      dnsNames: [],
    });
    await fixture.startPlatform();
    await fixture.settle();
    expect(identityOf('haptic', 'haptic-haproxy')).toBeDefined();
    expect(identityOf('shop', 'api')).toBeUndefined();
  });

  it('says which SVIDs it creates and renews', async () => {
    await registered();
    await fixture.spire.rotate();
    const lines = fixture.linesOf('spire-agent', 'node-a').join('\n');
    expect(lines).toMatch(
      /level=info msg="Creating X509-SVID" entry_id=\S+ spiffe_id="spiffe:\/\/prod\.example\.com\/ns\/haptic\/sa\/default" subsystem_name=manager/,
    );
    expect(lines).toMatch(/level=info msg="Renewing X509-SVID" entry_id=\S+ expires_at="20\S+Z" spiffe_id=/);
  });

  it('renews nothing while its server is away, and what is overdue when it is back', async () => {
    await registered();
    const certificate = () => identityOf('haptic', 'haptic-haproxy')?.certificatePem;
    await fixture.spire.rotate({ age: 45 * 60_000 });
    const overdue = certificate();
    fixture.platform.spire.server = 'unreachable';
    await fixture.spire.rotate();
    expect(certificate()).toBe(overdue);
    expect(fixture.linesOf('spire-agent').join('\n')).toContain('level=error msg="Synchronize failed"');
    fixture.platform.spire.server = 'reachable';
    await fixture.settle();
    expect(certificate()).not.toBe(overdue);
  });

  it.each([
    [
      'its cluster is another one',
      '"trust_domain": "prod.example.com"',
      '"cluster": "staging", "trust_domain": "prod.example.com"',
      'not configured for cluster',
    ],
    [
      'its trust domain is another one',
      '"trust_domain": "prod.example.com"',
      '"trust_domain": "example.org"',
      'expected server SPIFFE ID',
    ],
  ])('is not attested when %s', async (_why, from, to, words) => {
    await registered((all) => {
      for (const { data } of all) {
        const texts = (data ?? {}) as EditableObject;
        const text = texts['agent.conf'];
        if (typeof text === 'string') texts['agent.conf'] = text.replace(from, to);
      }
    });
    expect(fixture.linesOf('spire-agent').join('\n')).toContain(words);
    expect(identityOf('haptic', 'haptic-haproxy')).toBeUndefined();
  });

  it('gives a longer-lived SVID when the object asks for one, and never one that outlives the authority', async () => {
    await registered(inDefault('spec.ttl', '48h'), { age: 0 });
    await fixture.spire.rotate({ spiffeId: 'spiffe://prod.example.com/ns/shop/sa/api', lifetime: 300_000 });
    const hours = (pem = '') => (new X509Certificate(pem).validToDate.getTime() - Date.now()) / 3_600_000;
    expect(hours(identityOf('haptic', 'haptic-haproxy')?.certificatePem)).toBeCloseTo(12, 1);
    expect(hours(identityOf('shop', 'api')?.certificatePem)).toBeCloseTo(5 / 60, 2);
  });

  it('is out of reach on a node with SELinux until its directory has the label for containers', async () => {
    const label = {
      name: 'set-context',
      image: 'registry.access.redhat.com/ubi9:latest',
      command: ['chcon', '-Rvt', 'container_file_t', 'spire-agent-socket/'],
      volumeMounts: [{ name: 'spire-agent-socket-dir', mountPath: '/spire-agent-socket' }],
    };
    await registered((all) => {
      for (const object of all)
        if (readField(object, 'metadata.name') === 'spire-spiffe-csi-driver')
          writeField(object, 'spec.template.spec.initContainers', [label]);
    });
    for (const node of fixture.platform.nodes.values()) node.selinux = 'enforcing';
    const { lines } = await fixture.start('haptic-haproxy-0', 'spiffe-helper');
    await fixture.settle();
    expect(lines.join('\n')).toContain('spire-agent.sock: connect: permission denied');
    expect(lines.join('\n')).not.toContain('Received update');
    await fixture.start('spire-spiffe-csi-driver-a', 'set-context');
    await fixture.settle();
    expect(lines.join('\n')).toContain('Received update');
  });
});
