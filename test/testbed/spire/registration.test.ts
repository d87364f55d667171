import { afterEach, describe, expect, it } from 'vitest';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { spireFixture } from './fixture.ts';
import {
  clusterSpiffeId,
  fixture,
  identityOf,
  inDefault,
  registered,
  statsOf,
  work,
} from './registration-under-test.ts';

const DEFAULT = 'spire-server-spire-default';
const PLATFORM = ['spire-server', 'spire-controller-manager'];

afterEach(() => fixture.close());

describe('spire-controller-manager', () => {
  it('counts what the default object selects', async () => {
    await registered();
    expect(statsOf(DEFAULT)).toEqual({
      namespacesSelected: 2,
      namespacesIgnored: 0,
      podsSelected: 4,
      podEntryRenderFailures: 0,
      entriesMasked: 0,
      entriesToSet: 4,
      entryFailures: 0,
    });
  });

  it('leaves an object of another class, or of none, without a status', async () => {
    await registered((all) =>
      all.push(clusterSpiffeId('other', { className: 'other' }), clusterSpiffeId('classless', { className: '' })),
    );
    expect([statsOf('other'), statsOf('classless')]).toEqual([undefined, undefined]);
  });

  it('takes an object without a class when it watches these', async () => {
    await registered((all) => {
      all.push(clusterSpiffeId('classless', { className: '' }));
      for (const { data } of all) {
        const texts = (data ?? {}) as EditableObject;
        const text = texts['controller-manager-config.yaml'];
        if (typeof text === 'string')
          texts['controller-manager-config.yaml'] = text.replace('watchClassless: false', 'watchClassless: true');
      }
    });
    expect(statsOf('classless')).toMatchObject({ podsSelected: 9 });
  });

  it('changes nothing while it is stopped, and goes on when it is not', async () => {
    work(await spireFixture());
    fixture.platform.spire.registrar = 'stopped';
    await fixture.startPlatform(PLATFORM);
    await fixture.settle();
    expect(statsOf(DEFAULT)).toBeUndefined();
    fixture.platform.spire.registrar = 'works';
    await fixture.settle();
    expect(statsOf(DEFAULT)).toMatchObject({ entriesToSet: 4 });
  });

  it('counts a namespace that it ignores, and registers none of its pods', async () => {
    await registered((all) => {
      for (const { data } of all) {
        const texts = (data ?? {}) as EditableObject;
        const text = texts['controller-manager-config.yaml'];
        if (typeof text === 'string')
          texts['controller-manager-config.yaml'] = text.replace('[kube-system,', '[hap.*, kube-system,');
      }
    });
    expect(statsOf(DEFAULT)).toMatchObject({ namespacesIgnored: 1, podsSelected: 1, entriesToSet: 1 });
  });

  it('lets a fallback give way for the pods that another object registers', async () => {
    const podSelector = { matchLabels: { 'app.kubernetes.io/component': 'loadbalancer' } };
    await registered((all) =>
      all.push(clusterSpiffeId('haproxy', { podSelector, dnsNameTemplates: ['edge.{{ .ClusterDomain }}'] })),
    );
    expect(statsOf('haproxy')).toMatchObject({ podsSelected: 2, entriesToSet: 2, entriesMasked: 0 });
    expect(statsOf(DEFAULT)).toMatchObject({ podsSelected: 4, entriesToSet: 2, entriesMasked: 0 });
  });

  it('masks the younger of two objects that make the same entries', async () => {
    await registered((all) => {
      inDefault('spec.fallback', false)(all);
      all.push(
        clusterSpiffeId('younger', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'haptic' } } }),
      );
    });
    expect(statsOf('younger')).toMatchObject({ entriesToSet: 0, entriesMasked: 3 });
    expect(statsOf(DEFAULT)).toMatchObject({ entriesToSet: 4, entriesMasked: 0 });
  });

  it('fails to render a field that does not exist, with Go’s words', async () => {
    await registered(
      inDefault('spec.spiffeIDTemplate', 'spiffe://{{ .TrustDomain }}/sa/{{ .PodMeta.ServiceAccountName }}'),
    );
    expect(statsOf(DEFAULT)).toMatchObject({ podsSelected: 4, podEntryRenderFailures: 4, entriesToSet: 0 });
    expect(fixture.linesOf('spire-controller-manager').join('\n')).toContain(
      'executing \\"template\\" at <.PodMeta.ServiceAccountName>: can\'t evaluate field ServiceAccountName in type *v1.ObjectMeta',
    );
    expect(identityOf('haptic', 'haptic-haproxy')).toBeUndefined();
  });

  it('refuses an ID of another trust domain', async () => {
    await registered(inDefault('spec.spiffeIDTemplate', 'spiffe://elsewhere/x'));
    expect(statsOf(DEFAULT)).toMatchObject({ podEntryRenderFailures: 4 });
    expect(fixture.linesOf('spire-controller-manager')[0]).toContain(
      'expected trust domain \\"prod.example.com\\" but got \\"elsewhere\\"',
    );
  });

  it.each([
    ['dnsNameTemplates', ['not a name']],
    ['federatesWith', ['partner.example.org']],
  ])('counts entries that the server refuses for %s', async (field, value) => {
    await registered(inDefault(`spec.${field}`, value));
    expect(statsOf(DEFAULT)).toMatchObject({ entriesToSet: 4, entryFailures: 4 });
    expect(identityOf('haptic', 'haptic-haproxy')).toBeUndefined();
  });

  it('gives no identity to a pod that lacks what a workload selector asks for', async () => {
    await registered(inDefault('spec.workloadSelectorTemplates', ['k8s:sa:haptic']));
    expect(statsOf(DEFAULT)).toMatchObject({ entriesToSet: 4, entryFailures: 0 });
    expect(identityOf('haptic', 'haptic-haproxy')).toBeUndefined();
  });

  it('settles: a second look changes no object', async () => {
    await registered();
    let changes = 0;
    fixture.store.subscribe(() => {
      changes += 1;
    });
    await fixture.settle();
    expect(changes).toBe(0);
  });
});
