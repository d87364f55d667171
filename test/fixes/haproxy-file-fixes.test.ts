import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { Change } from '../scenario/case-file.ts';
import { fixAmong, fixOf, HAPROXY, RESTART, set } from './live-fix.ts';

describe('files of HAProxy that are not the helper\u2019s', () => {
  it('give way to the helper\u2019s where another volume hides them', async () => {
    const { commands } = await fixOf(
      'shadowed',
      set(HAPROXY, 'spec.template.spec.volumes[3]', {
        name: 'foreign',
        csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true },
      }),
      set(HAPROXY, 'spec.template.spec.containers[0].volumeMounts[1]', {
        name: 'foreign',
        mountPath: '/etc/haproxy/spiffe',
      }),
    );
    expect(commands).toEqual([
      `kubectl --context prod -n haptic patch deployment/haptic-haproxy --type=strategic --patch '{"spec":{"template":{"spec":{"containers":[{"name":"haproxy","volumeMounts":[{"mountPath":"/etc/haproxy/spiffe","$patch":"delete"}]}]}}}}'`,
    ]);
  });

  it('give way to an emptyDir where the helper has the same volume', async () => {
    const volume = { name: 'haproxy-runtime', csi: { driver: 'spiffe.csi.cert-manager.io', readOnly: true } };
    const { commands } = await fixOf('cert-manager-driver', set(HAPROXY, 'spec.template.spec.volumes[0]', volume));
    expect(commands[0]).toContain('{"volumes":[{"name":"haproxy-runtime","csi":null,"emptyDir":{}}]}');
  });

  it('go with the pod where the helper alone writes, and not where somebody else does', async () => {
    const foreign: Change = { svid: { uris: [] } };
    expect((await fixOf('no-spiffe-id', foreign)).commands).toEqual([RESTART]);
    const writer = set(HAPROXY, 'spec.template.spec.containers[4]', {
      name: 'copier',
      image: 'registry.example.net/copier:1',
      volumeMounts: [{ name: 'haproxy-runtime', mountPath: '/out' }],
    });
    const fix = await fixOf('no-spiffe-id', foreign, writer);
    expect([fix.commands, fix.manual]).toEqual([[], expect.stringContaining('copier')]);
  });

  it('are written by a helper that the report adds, where the pods have none', async () => {
    const none = set(HAPROXY, 'spec.template.spec.containers[2]', undefined);
    const { commands } = await fixOf('no-helper', none, { disk: { absent: ['svid', 'key', 'bundle'] } });
    expect(commands).toHaveLength(2);
    expect(commands[0]).toContain('  name: haptic-haproxy-spiffe-helper-config-2\n');
    expect(commands[0]).toContain('\n    svid_key_file_name = "svid.pem.key"\n');
    expect(commands[1]).toContain(
      '"volumeMounts":[{"name":"spiffe-workload-api","mountPath":"/spiffe-workload-api","readOnly":true},{"name":"haproxy-runtime","mountPath":"/etc/haproxy"},',
    );
    expect(commands[1]).toContain(
      '"volumes":[{"name":"spiffe-helper-config-2","configMap":{"name":"haptic-haproxy-spiffe-helper-config-2"}}]',
    );
  });

  it('are written by one helper, when a second has the same directory', async () => {
    const second = set(HAPROXY, 'spec.template.spec.containers[4]', {
      name: 'second',
      image: 'ghcr.io/spiffe/spiffe-helper:0.11.0',
      args: ['-config', '/etc/spiffe-helper/helper.conf'],
      volumeMounts: [
        { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api' },
        { name: 'haproxy-runtime', mountPath: '/etc/haproxy' },
        { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper' },
      ],
    });
    // Before it on the way, that both ask for one port is found.
    const alone = checks.filter(({ id }) => id === 'svid-valid').map((check) => ({ ...check, after: [] }));
    const { commands } = await fixAmong(alone, 'key-mismatch', [second, { svid: { key: 'other' } }]);
    expect(commands).toEqual([
      `kubectl --context prod -n haptic patch deployment/haptic-haproxy --type=strategic --patch '{"spec":{"template":{"spec":{"containers":[{"name":"second","$patch":"delete"}]}}}}'`,
    ]);
  });
});
