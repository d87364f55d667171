import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { RootCause } from '../../src/doctor/report.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

const HAPROXY = 'Deployment haptic/haptic-haproxy';
const SCRIPT = 'spec.template.spec.containers[3].args[0]';

async function causesOf(...change: readonly Change[]): Promise<readonly RootCause[]> {
  return judgeSnapshot(await buildCase({ source: 'live', complete: true, change }), checks).rootCauses;
}

function commandsOf(cause: RootCause | undefined): string {
  return (cause?.fix?.commands ?? []).join('\n');
}

/** The base's script without the part that pushes the bundle. */
const CERTIFICATE_ONLY: Change = {
  object: HAPROXY,
  set: {
    at: SCRIPT,
    to: 'echo "@1 set ssl cert /etc/haproxy/spiffe/svid.pem" | socat - unix-connect:/etc/haproxy/haproxy-master.sock',
  },
};

describe('a trust bundle that HAProxy lacks', () => {
  const newRoot: Change = { bundle: { where: 'disk', roots: ['spire', 'other'] } };

  it('comes with a reload of each pod where the script pushes it otherwise', async () => {
    const causes = await causesOf(newRoot);
    expect(causes.map(({ culprit }) => culprit.name)).toEqual(['haptic-haproxy-0', 'haptic-haproxy-1']);
    expect(commandsOf(causes[0])).toContain('echo reload');
  });

  it('comes with new pods and another script where the script leaves it alone', async () => {
    const causes = await causesOf(newRoot, CERTIFICATE_ONLY);
    expect(causes.map(({ culprit }) => culprit.name)).toEqual(['haptic-haproxy']);
    expect(commandsOf(causes[0])).toMatch(/patch deployment\/haptic-haproxy --type=strategic .*echo reload/s);
  });

  it('comes with a reload alone once the SVID is due for renewal, since a new pod might get none', async () => {
    const old: Change = { svid: { notBefore: '-31m', notAfter: '29m' } };
    const [cause] = await causesOf(newRoot, CERTIFICATE_ONLY, old);
    expect([cause?.message, cause?.culprit.kind]).toEqual(['stale-ca', 'Pod']);
    expect(commandsOf(cause)).not.toContain('patch');
  });
});

describe('servers that a pushed bundle has detached', () => {
  it('are mended for good by a script that pushes no bundle', async () => {
    const [cause, ...others] = await causesOf({ memory: { version: '2.6.12-1', status: 'Unused' } });
    expect([cause?.message, cause?.culprit.kind, others]).toEqual(['detached', 'Deployment', []]);
    expect(commandsOf(cause)).not.toContain('ca-file');
  });
});

describe('a reloader with a volume of its own over the SVID', () => {
  it('loses that mount, which a merge alone would leave', async () => {
    const [cause] = await causesOf(
      {
        object: HAPROXY,
        set: {
          at: 'spec.template.spec.containers[3].volumeMounts[1]',
          to: { name: 'certificates', mountPath: '/etc/haproxy/spiffe' },
        },
      },
      { object: HAPROXY, set: { at: 'spec.template.spec.volumes[3]', to: { name: 'certificates', emptyDir: {} } } },
      { svid: { where: 'memory', notBefore: '-50m', notAfter: '10m' } },
    );
    expect(cause?.message).toBe('path-mismatch');
    expect(commandsOf(cause)).toContain('{"mountPath":"/etc/haproxy/spiffe","$patch":"delete"}');
  });
});

describe('a rotation that a reloader without socat has missed', () => {
  it('is no cause of its own beside the missing socat', async () => {
    const causes = await causesOf(
      { log: { container: 'cert-reloader', lines: ['-60s sh: 5: socat: not found'] } },
      { svid: { where: 'memory', notBefore: '-50m', notAfter: '10m' } },
    );
    expect(causes.map(({ message }) => message)).toEqual(['reloader-lacks-socat']);
  });
});

describe('a reloader to be added', () => {
  it('waits until SPIRE issues again, since a new pod would get no SVID; a reload does not wait', async () => {
    const causes = await causesOf(
      { object: HAPROXY, set: { at: 'spec.template.spec.containers[3]' } },
      { svid: { where: 'disk', notBefore: '-50m', notAfter: '10m' } },
      { svid: { where: 'memory', notBefore: '-55m', notAfter: '5m' } },
    );
    expect(causes.map(({ message }) => message)).toEqual(['no-reloader', 'rotation-overdue']);
    expect(commandsOf(causes[0])).toContain('echo reload');
    expect(commandsOf(causes[0])).not.toContain('patch');
    expect(causes[0]?.fix?.manual).toContain('svid-valid/rotation-overdue');
  });
});

describe('a controller that is scaled to nothing', () => {
  it('is scaled up, where a restart would start nothing', async () => {
    const causes = await causesOf(
      {
        object: 'HAProxyCfg haptic/haptic-config-haproxycfg',
        replace: {
          at: 'spec.content',
          from: 'ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem crt /etc/haproxy/spiffe/svid.pem sni str(api.shop.svc)',
          to: '',
        },
      },
      { object: 'Deployment haptic/haptic-controller', set: { at: 'spec.replicas', to: 0 } },
    );
    const cause = causes.find(({ message }) => message === 'backend-without-tls');
    expect(commandsOf(cause)).toBe('kubectl --context prod -n haptic scale deployment/haptic-controller --replicas=1');
  });
});
