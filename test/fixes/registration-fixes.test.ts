import { describe, expect, it } from 'vitest';
import type { Change } from '../scenario/case-file.ts';
import { fixOf, NO_IDENTITY, OTHER_SNI, RESTART, SERVER, SPIFFE_ID, set } from './live-fix.ts';

describe('a ClusterSPIFFEID for exactly these pods', () => {
  const outside: Change = set(SPIFFE_ID, 'spec.podSelector', { matchLabels: { app: 'other' } });

  it('is what the report prints for HAProxy pods that nothing selects, with the class that is watched', async () => {
    const { commands, impact, preconditions } = await fixOf('pod-not-selected', outside, ...NO_IDENTITY);
    expect(commands.join('\n').split('\n')).toEqual([
      "kubectl --context prod apply -f - <<'EOF'",
      'apiVersion: spire.spiffe.io/v1alpha1',
      'kind: ClusterSPIFFEID',
      'metadata:',
      '  name: haptic-haptic-haproxy',
      'spec:',
      '  className: spire-server-spire',
      '  spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}"',
      '  namespaceSelector:',
      '    matchLabels:',
      '      kubernetes.io/metadata.name: haptic',
      '  podSelector:',
      '    matchLabels:',
      '      app.kubernetes.io/name: haptic',
      '      app.kubernetes.io/instance: haptic',
      '      app.kubernetes.io/component: loadbalancer',
      'EOF',
    ]);
    expect(impact).toBe('cluster-wide');
    expect(preconditions.join()).toContain('.../ns/haptic/sa/default');
  });

  it('carries the hint that helper.conf asks for', async () => {
    const hinted: Change = {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: 'daemon_mode = true', to: 'daemon_mode = true\n    hint = "edge"' },
    };
    const { commands } = await fixOf('pod-not-selected', outside, hinted, ...NO_IDENTITY);
    expect(commands.join()).toContain('\n  hint: edge\n');
  });

  it('is not advised for a namespace that the controller ignores, where it would change nothing', async () => {
    const ignored: Change = {
      object: 'ConfigMap spire-server/spire-controller-manager',
      replace: { at: 'data["controller-manager-config.yaml"]', from: 'kube-public]', to: 'haptic]' },
    };
    const fix = await fixOf('namespace-not-selected', ignored, ...NO_IDENTITY);
    expect(fix.commands).toEqual([]);
    expect(fix.manual).toMatch(/not kept whole/);
  });

  it('takes the place of a fallback for backends whose names differ, so that nobody else gets their name', async () => {
    const { commands } = await fixOf('backend-name-differs', OTHER_SNI);
    expect(commands.join()).toContain('podSelector:\n    matchLabels:\n      app: api\n');
    expect(commands.join()).toContain('dnsNameTemplates:\n  - api.shop.internal\n');
    expect(commands.join()).toContain('  hint: default\n');
  });

  it('is not what adds a name to an object for everybody: that is left to a person', async () => {
    const fix = await fixOf('backend-name-differs', set(SPIFFE_ID, 'spec.fallback', false), OTHER_SNI);
    expect(fix.commands).toEqual([]);
    expect(fix.manual).toMatch(/pose as this Service/);
  });
});

describe('what registers pods and does not work', () => {
  it('gets a template with the fields where they are', async () => {
    const template = 'spiffe://{{ .TrustDomain }}/{{ .PodMeta.ServiceAccountName }}/{{ .PodSpec.Namespace }}';
    const { commands } = await fixOf(
      'template-fails',
      set(SPIFFE_ID, 'spec.spiffeIDTemplate', template),
      ...NO_IDENTITY,
    );
    expect(commands[0]).toContain('/{{ .PodSpec.ServiceAccountName }}/{{ .PodMeta.Namespace }}"');
  });

  it('gets its controller scaled up when that has no replica, and restarted otherwise', async () => {
    const idle = set(SPIFFE_ID, 'status', {});
    expect((await fixOf('not-reconciled', idle, set(SERVER, 'spec.replicas', 0), ...NO_IDENTITY)).commands).toEqual([
      'kubectl --context prod -n spire-server scale statefulset/spire-server --replicas=1',
    ]);
    expect((await fixOf('not-reconciled', idle, ...NO_IDENTITY)).commands).toEqual([
      'kubectl --context prod -n spire-server rollout restart statefulset/spire-server',
    ]);
  });

  it('loses what the server refuses, where it counts refusals', async () => {
    const federated = [
      set(SPIFFE_ID, 'spec.federatesWith', ['elsewhere.example']),
      set(SPIFFE_ID, 'status.stats.entryFailures', 2),
    ];
    const fix = await fixOf('no-identity', ...federated, ...NO_IDENTITY);
    expect(fix.commands[0]).toMatch(
      /patch clusterspiffeid spire-server-spire-default .*'\{"spec":\{"federatesWith":null\}\}'$/,
    );
    expect(fix.preconditions.join()).toContain('elsewhere.example');
    expect((await fixOf('no-identity', ...NO_IDENTITY)).commands).toEqual([]);
  });

  it('gets no certificate that signs any more, and the pods are replaced', async () => {
    const authority: Change = {
      svid: { isCa: true, keyUsage: { critical: true, uses: ['keyCertSign', 'digitalSignature'] } },
    };
    const { commands } = await fixOf('is-authority', set(SPIFFE_ID, 'spec.downstream', true), authority);
    expect(commands[0]).toContain(`'{"spec":{"downstream":null}}'`);
    expect(commands[1]).toBe(RESTART);
  });
});
