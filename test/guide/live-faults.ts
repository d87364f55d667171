import type { Change } from '../scenario/case-file.ts';
import { helperDown, helperLine, NEVER_ISSUED } from './installation.ts';

/** A fault of a running installation, with everything that it brings about. */
export interface LiveFault {
  readonly changes: readonly Change[];
  /** All that may stand, worst first; twice what each pod has to be cured of by itself. */
  readonly causes: readonly string[];
  /** Checks of HAProxy pods that must be blocked by it. */
  readonly blocked: readonly string[];
}

const SVID = '/etc/haproxy/spiffe/svid.pem';
const CONFIG = 'ConfigMap haptic/haptic-spiffe-helper-config';
const HAPROXY = 'Deployment haptic/haptic-haproxy';
const NOBODY = helperLine(
  '-30s',
  'error',
  'Error while watching x509 context: rpc error: code = PermissionDenied desc = no identity issued',
);
const NO_SOCKET =
  'Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /spiffe-workload-api/agent.sock: connect: no such file or directory"';
const DOWNSTREAM = ['cert-loaded', 'san-contents', 'svid-issued', 'svid-valid'];

export const LIVE_FAULTS: Readonly<Record<string, LiveFault>> = {
  'a rotation that HAProxy never got': {
    changes: [
      { svid: { where: 'memory', notBefore: '-50m', notAfter: '10m' } },
      {
        log: {
          container: 'cert-reloader',
          lines: [
            "-20m Can't commit /etc/haproxy/spiffe/svid.pem!",
            '-20m cert-reloader: certificates updated via runtime API',
          ],
        },
      },
    ],
    causes: ['cert-loaded/push-failed', 'cert-loaded/push-failed'],
    blocked: [],
  },
  'a wrong socket name since the beginning': {
    changes: [
      { object: CONFIG, replace: { at: 'data["helper.conf"]', from: 'spire-agent.sock', to: 'agent.sock' } },
      {
        log: {
          container: 'spiffe-helper',
          lines: [helperLine('-119m', 'info', 'Watching for X509 Context'), helperLine('-20s', 'error', NO_SOCKET)],
        },
      },
      ...NEVER_ISSUED,
    ],
    causes: ['csi-socket-name/wrong-name'],
    blocked: DOWNSTREAM,
  },
  'a TOML section in helper.conf': {
    changes: [
      { object: CONFIG, replace: { at: 'data["helper.conf"]', from: 'health_checks {', to: '[health_checks]' } },
      { object: CONFIG, replace: { at: 'data["helper.conf"]', from: '\n}\n', to: '\n' } },
      helperDown('CrashLoopBackOff', 'back-off 5m0s restarting failed container=spiffe-helper', 9),
      {
        log: {
          container: 'spiffe-helper',
          lines: [
            '-20s time="2026-11-22T02:59:40Z" level=error msg="failed to parse configuration" error="failed to parse \\"/etc/spiffe-helper/helper.conf\\": At 8:1: expected: IDENT | STRING | ASSIGN | LBRACE got: LBRACK" system=spiffe-helper',
          ],
        },
      },
      ...NEVER_ISSUED,
    ],
    causes: ['helper-config-syntax/section-header'],
    blocked: ['cert-loaded', 'csi-socket-name', 'san-contents', 'svid-issued', 'svid-valid'],
  },
  'an image that cannot be pulled because of a v': {
    changes: [
      {
        object: HAPROXY,
        set: { at: 'spec.template.spec.containers[2].image', to: 'ghcr.io/spiffe/spiffe-helper:v0.11.0' },
      },
      helperDown('ImagePullBackOff', 'Back-off pulling image "ghcr.io/spiffe/spiffe-helper:v0.11.0": not found'),
      { log: { container: 'spiffe-helper', lines: [] } },
      ...NEVER_ISSUED,
    ],
    causes: ['helper-image-tag/v-prefix'],
    blocked: DOWNSTREAM,
  },
  'a certificate directory that nobody makes': {
    changes: [
      { object: HAPROXY, set: { at: 'spec.template.spec.initContainers' } },
      { disk: { absent: ['directory', 'svid', 'key', 'bundle'] } },
      { memory: { loaded: false } },
      {
        log: {
          container: 'spiffe-helper',
          lines: [
            helperLine('-119m', 'info', 'Watching for X509 Context'),
            helperLine(
              '-60s',
              'error',
              'Unable to dump bundle: open /etc/haproxy/spiffe/svid.pem: no such file or directory',
            ),
          ],
        },
      },
    ],
    causes: ['spiffe-dir/missing'],
    blocked: DOWNSTREAM,
  },
  'pods that nobody registered': {
    changes: [
      { remove: 'ClusterSPIFFEID spire-server-spire-default' },
      {
        log: { container: 'spiffe-helper', lines: [helperLine('-119m', 'info', 'Watching for X509 Context'), NOBODY] },
      },
      ...NEVER_ISSUED,
    ],
    causes: ['svid-issued/not-registered'],
    blocked: ['cert-loaded', 'san-contents', 'svid-valid'],
  },
  'an SVID that has expired because the agent stopped issuing': {
    changes: [
      { svid: { notBefore: '-70m', notAfter: '-10m' } },
      {
        log: {
          container: 'spiffe-helper',
          lines: [
            helperLine('-119m', 'info', 'Watching for X509 Context'),
            helperLine('-70m', 'info', 'X.509 certificates updated'),
            NOBODY,
          ],
        },
      },
    ],
    causes: ['svid-issued/no-identity'],
    blocked: ['cert-loaded', 'svid-valid'],
  },
  'a bundle of another authority': {
    changes: [{ bundle: { roots: ['other'] } }],
    causes: ['svid-valid/not-trusted'],
    blocked: [],
  },
  'an update that was begun and never committed': {
    changes: [{ memory: { transaction: SVID } }],
    causes: ['cert-loaded/open-transaction', 'cert-loaded/open-transaction'],
    blocked: [],
  },
  'a backend that HAPTIC rendered without ssl': {
    changes: [
      {
        object: 'HAProxyCfg haptic/haptic-config-haproxycfg',
        replace: {
          at: 'spec.content',
          from: ` ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem crt ${SVID} sni str(api.shop.svc)`,
          to: '',
        },
      },
      { memory: { loaded: false } },
    ],
    causes: ['cert-loaded/backend-without-tls'],
    blocked: [],
  },
  'a controller without its placeholder': {
    changes: [
      { object: 'Deployment haptic/haptic-controller', set: { at: 'spec.template.spec.volumes', to: [] } },
      {
        object: 'Deployment haptic/haptic-controller',
        set: { at: 'spec.template.spec.containers[0].volumeMounts', to: [] },
      },
      {
        log: {
          pod: 'haptic-controller-0',
          container: 'controller',
          lines: [
            '-60s level=ERROR msg="HAProxy validation failed" error="[ALERT] config : parsing [haproxy.cfg:120] : \'server api/SRV_1\' : unable to stat SSL certificate from file \'/etc/haproxy/spiffe/svid.pem\' : No such file or directory."',
          ],
        },
      },
    ],
    causes: ['controller-placeholder/not-mounted'],
    blocked: [],
  },
};
