import type { Change } from './case-file.ts';

const SILENT_DISK: Change = { disk: { absent: ['svid', 'key', 'bundle'] } };

const dialError = (offset: string, time: string) =>
  `${offset} time="${time}" level=error msg="Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial unix /spiffe-workload-api/agent.sock: connect: no such file or directory\\"" system=spiffe-helper`;

const PARSE_ERROR =
  'failed to parse \\"/etc/spiffe-helper/helper.conf\\": At 7:1: expected: IDENT | STRING | ASSIGN | LBRACE got: LBRACK';

/** What happened in each built-in story, as changes of the healthy installation. */
export const STORY_CHANGES: Readonly<Record<string, readonly Change[]>> = {
  healthy: [],
  'rotation-stuck': [
    { svid: { pod: 'haptic-haproxy-1', where: 'memory', notBefore: '-50m', notAfter: '10m' } },
    {
      status: {
        pod: 'haptic-haproxy-1',
        container: 'cert-reloader',
        running: '-19m',
        restarts: 1,
        last: { reason: 'OOMKilled', exitCode: 137, finished: '-20m' },
      },
    },
    { log: { pod: 'haptic-haproxy-1', container: 'cert-reloader', lines: [] } },
  ],
  'wrong-socket': [
    {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: 'spire-agent.sock', to: 'agent.sock' },
    },
    SILENT_DISK,
    { memory: { loaded: false } },
    {
      log: {
        container: 'spiffe-helper',
        lines: [dialError('-40s', '2026-11-22T02:59:20Z'), dialError('-10s', '2026-11-22T02:59:50Z')],
      },
    },
  ],
  'toml-section': [
    {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: 'health_checks {', to: '[health_checks]' },
    },
    {
      object: 'ConfigMap haptic/haptic-spiffe-helper-config',
      replace: { at: 'data["helper.conf"]', from: '\n}', to: '' },
    },
    SILENT_DISK,
    { memory: { loaded: false } },
    {
      status: {
        container: 'spiffe-helper',
        waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=spiffe-helper' },
        restarts: 14,
        last: { reason: 'Error', exitCode: 1, finished: '-90s' },
      },
    },
    {
      log: {
        container: 'spiffe-helper',
        lines: [
          `-90s time="2026-11-22T02:58:30Z" level=error msg="failed to parse configuration" error="${PARSE_ERROR}" system=spiffe-helper`,
        ],
      },
    },
  ],
};
