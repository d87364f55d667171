import { checks } from '../../checks/index.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { ReportFix } from '../../src/doctor/report.ts';
import { judgeSnapshot } from '../checks/run-case.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

/** The fix of one message in the whole recorded installation, with these changes. */
export async function fixOf(message: string, ...change: Change[]): Promise<ReportFix> {
  return await fixAmong(checks, message, change);
}

export async function fixAmong(
  judges: readonly Check[],
  message: string,
  change: readonly Change[],
): Promise<ReportFix> {
  const report = judgeSnapshot(await buildCase({ source: 'live', complete: true, change }), judges);
  const found = report.results.flatMap(({ findings }) => findings).find((finding) => finding.message === message);
  if (!found?.fix) {
    const messages = report.results.flatMap(({ findings }) => findings.map((finding) => finding.message));
    throw new Error(`no fix for ${message}; found ${[...new Set(messages)].join(', ')}`);
  }
  return found.fix;
}

function refused(error: string): readonly Change[] {
  const lines = [
    '-119m time="2026-11-22T01:01:00Z" level=info msg="Watching for X509 Context" system=spiffe-helper',
    `-30s time="2026-11-22T02:59:30Z" level=error msg="Error while watching x509 context: rpc error: code = ${error}" system=spiffe-helper`,
  ];
  return [{ disk: { absent: ['svid', 'key', 'bundle'] } }, { log: { container: 'spiffe-helper', lines } }];
}

export const NO_IDENTITY = refused('PermissionDenied desc = no identity issued');
export const UNATTESTED = refused('Unavailable desc = workload attestation failed');
export const SPIFFE_ID = 'ClusterSPIFFEID spire-server-spire-default';
export const AGENT = 'DaemonSet spire-server/spire-agent';
export const SERVER = 'StatefulSet spire-server/spire-server';
export const HAPROXY = 'Deployment haptic/haptic-haproxy';
export const RESTART = 'kubectl --context prod -n haptic rollout restart deployment/haptic-haproxy';

/** HAProxy verifies a name that no Service gives. */
export const OTHER_SNI: Change = {
  object: 'HAProxyCfg haptic/haptic-config-haproxycfg',
  replace: { at: 'spec.content', from: 'sni str(api.shop.svc)', to: 'sni str(api.shop.internal)' },
};

export function set(object: string, at: string, to: Extract<Change, { set: unknown }>['set']['to']): Change {
  return { object, set: to === undefined ? { at } : { at, to } };
}
