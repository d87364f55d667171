import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/evidence/json.ts';
import { dig } from '../../src/evidence/json.ts';
import { reduceHaproxyConfig } from '../../src/evidence/redact/haproxy-config.ts';
import { reduceHelperConfig } from '../../src/evidence/redact/helper-config.ts';
import { redactLog, redactObjects, redactProbe } from '../../src/evidence/redact/index.ts';

const AT = '2026-11-22T03:00:00Z';
const redactOne = (object: JsonObject): Json | undefined => redactObjects([{ object, at: AT }]).objects[0]?.object;

describe('the gate keeps what facts read', () => {
  it('of environment variables only names, sockets, and the probes that Istio moved', () => {
    const env = [
      { name: 'SPIFFE_ENDPOINT_SOCKET', value: 'unix:///run/spire/agent.sock' },
      { name: 'SPIRE_AGENT_ADDRESS', value: '/run/spire/agent.sock' },
      { name: 'LOG_LEVEL', value: 'debug' },
      {
        name: 'ISTIO_KUBE_APP_PROBERS',
        value:
          '{"/app-health/spiffe-helper/livez":{"httpGet":{"path":"/live","port":8081,"httpHeaders":["h"]},"timeoutSeconds":1}}',
      },
    ];
    const pod = redactOne({ kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', env }] } });
    const [container] = dig(pod, 'spec', 'containers') as readonly Json[];
    expect(dig(container, 'env')).toEqual([
      { name: 'SPIFFE_ENDPOINT_SOCKET', endpoint: { scheme: 'unix', path: '/run/spire/agent.sock' } },
      { name: 'SPIRE_AGENT_ADDRESS', endpoint: { scheme: 'none', path: '/run/spire/agent.sock' } },
      { name: 'LOG_LEVEL' },
      { name: 'ISTIO_KUBE_APP_PROBERS', probers: { '/app-health/spiffe-helper/livez': { path: '/live', port: 8081 } } },
    ]);
  });

  it('of commands only those of pods in the chain', () => {
    const command = ['serve', '--listen=:80'];
    const spec = (image: string) => ({
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', image, command }] },
    });
    expect(JSON.stringify(redactOne(spec('registry.example.net/shop/api:1')))).not.toContain('serve');
    expect(JSON.stringify(redactOne(spec('ghcr.io/spiffe/spiffe-helper:0.11.0')))).toContain('serve');
  });

  it('of a Secret the names of its keys', () => {
    const secret = redactOne({
      kind: 'Secret',
      metadata: { name: 'a' },
      type: 'Opaque',
      data: { 'tls.key': 'c2VjcmV0', password: 'aHVudGVyMg==' },
    });
    expect(secret).toMatchObject({ data: { 'tls.key': '', password: '' } });
  });

  it('of managedFields when and by whom data was changed', () => {
    const managedFields = [
      {
        manager: 'helm',
        operation: 'Update',
        time: AT,
        fieldsV1: { 'f:data': { '.': {}, 'f:helper.conf': {} }, 'f:metadata': { 'f:labels': {} } },
      },
    ];
    const kept = dig(
      redactOne({ kind: 'ConfigMap', metadata: { name: 'a', managedFields }, data: {} }),
      'metadata',
      'managedFields',
    );
    expect(kept).toEqual([
      { manager: 'helm', operation: 'Update', time: AT, fieldsV1: { 'f:data': { '.': {}, 'f:helper.conf': {} } } },
    ]);
  });

  it('of annotations owners, TLS switches and single words on Ingresses, and no free text', () => {
    const annotations = {
      'meta.helm.sh/release-name': 'haptic',
      'corp.example/backend-identity': 'on',
      'haproxy.org/server-ssl': 'true',
      'haproxy.org/request-set-header': 'Authorization Basic-abc',
      'corp.example/comment': 'call 555 1234 and say swordfish',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    };
    expect(
      dig(redactOne({ kind: 'Ingress', metadata: { name: 'a', annotations } }), 'metadata', 'annotations'),
    ).toEqual({
      'meta.helm.sh/release-name': 'haptic',
      'corp.example/backend-identity': 'on',
      'haproxy.org/server-ssl': 'true',
    });
  });

  it('the lines of fields that passed, and no others', () => {
    const { objects } = redactObjects([
      {
        object: { kind: 'Service', metadata: { name: 'a' }, spec: { type: 'ClusterIP', sessionAffinity: 'None' } },
        at: AT,
        file: 'a.yaml',
        lines: { '': 1, 'spec.type': 4, 'spec.sessionAffinity': 5 },
      },
    ]);
    expect(objects[0]?.lines).toEqual({ '': 1, 'spec.type': 4 });
  });

  it('positions in lists, also where an item does not pass', () => {
    const pod = redactOne({
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: ['broken', { name: 'second' }] },
    });
    expect(dig(pod, 'spec', 'containers')).toEqual([null, { name: 'second' }]);
  });

  it('of agent.conf in HCL the same as of one in JSON', () => {
    const hcl = `agent {\n  socket_path = "/run/spire/sockets/agent.sock"\n  trust_domain = "example.org"\n  join_token = "3f1d6e7c-1234"\n}\nplugins {\n  WorkloadAttestor "k8s" {\n    plugin_data { skip_kubelet_verification = true }\n  }\n  NodeAttestor "join_token" { plugin_data {} }\n}\n`;
    const json = JSON.stringify({
      agent: { socket_path: '/run/spire/sockets/agent.sock', trust_domain: 'example.org', join_token: '3f1d6e7c-1234' },
      plugins: { WorkloadAttestor: [{ k8s: { plugin_data: { skip_kubelet_verification: true } } }] },
    });
    const [ofHcl, ofJson] = [hcl, json].map((text) =>
      dig(
        redactOne({ kind: 'ConfigMap', metadata: { name: 'a' }, data: { 'agent.conf': text } }),
        'data',
        'agent.conf',
      ),
    );
    expect(ofHcl).toBe(ofJson);
    expect(ofHcl).toBe(
      '{"agent":{"socket_path":"/run/spire/sockets/agent.sock","trust_domain":"example.org"},"plugins":{"WorkloadAttestor":[{"k8s":{"plugin_data":{"skip_kubelet_verification":true}}}]}}',
    );
  });

  it("of the controller manager's configuration which ClusterSPIFFEIDs count", () => {
    const text =
      'className: "spire-server-spire" # ours\nwatchClassless: false\ntrustDomain: example.org\nignoreNamespaces:\n  - kube-system\n  - "openshift-.*"\nmetrics:\n  bindAddress: 0.0.0.0:8082\n';
    expect(
      dig(
        redactOne({ kind: 'ConfigMap', metadata: { name: 'a' }, data: { 'controller-manager-config.yaml': text } }),
        'data',
        'controller-manager-config.yaml',
      ),
    ).toBe(
      '{"className":"spire-server-spire","watchClassless":false,"trustDomain":"example.org","ignoreNamespaces":["kube-system","openshift-.*"]}',
    );
  });
});

describe('helper.conf', () => {
  it('keeps known settings and loses comments, arguments and unknown values', () => {
    const reduced = reduceHelperConfig(
      '# call Bob\nagent_address = "/a.sock" // swordfish\nCert_Dir = "/etc/haproxy/spiffe"\ncmd = "/bin/sh"\ncmd_args = "-c s3cret"\napi = "s3cret" /* Bob */\nhealth_checks {\n  bind_port = 8081\n  note = "s3cret"\n}\n',
    );
    expect(reduced).toBe(
      '# xxxx xxx\nagent_address = "/a.sock" // xxxxxxxxx\nCert_Dir = "/etc/haproxy/spiffe"\ncmd = "/bin/sh"\ncmd_args = "xx xxxxxx"\napi = "xxxxxx" /* xxx */\nhealth_checks {\n  bind_port = 8081\n  note = "xxxxxx"\n}\n',
    );
  });

  it('keeps what a parser trips over', () => {
    for (const text of [
      '[health_checks]\n',
      'agent_address: "/a"\n',
      "cert_dir = '/x'\n",
      'cert_dir = /x\n',
      'daemon_mode = yes\n',
      'health_checks {\n',
    ]) {
      expect(reduceHelperConfig(text)).toBe(text);
    }
  });

  it('keeps length and line breaks of any text', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('cmd_args = "', '"', '\n', '#', '/*', '{', '}', 'cert_dir', ' = ', '<<EOF\n', '\\', '$', '['),
    );
    fc.assert(
      fc.property(fc.array(piece), (parts) => {
        const text = parts.join('');
        const reduced = reduceHelperConfig(text);
        expect(reduced.split('\n').map(({ length }) => length)).toEqual(text.split('\n').map(({ length }) => length));
      }),
    );
  });
});

describe('haproxy.cfg', () => {
  it('keeps the lines that decide about TLS to backends, each where it was', () => {
    const config = [
      'global',
      '    daemon # yes',
      '    stats socket /run/admin.sock user admin',
      '    tune.bufsize 32768',
      'userlist operators',
      '    user bob insecure-password swordfish',
      'defaults base',
      '    mode http',
      '    stats auth admin:swordfish',
      'backend shop_api',
      '    http-request set-header X-Token swordfish',
      '    option httpchk GET /?key=swordfish',
      '    default-server check inter 5s ssl verify required ca-file "/etc/ca #1.pem" crt /etc/svid.pem sni str(api.shop.svc)',
      '    server SRV_1 10.0.1.7:8443 weight 10 cookie swordfish no-ssl',
      'frontend f from base',
      '    bind :443 ssl crt /etc/site.pem',
    ].join('\n');
    expect(reduceHaproxyConfig(config).split('\n')).toEqual([
      'global',
      '   daemon',
      '',
      '   tune.bufsize 32768',
      'userlist',
      '',
      'defaults base',
      '   mode http',
      '',
      'backend shop_api',
      '',
      '   option httpchk',
      '   default-server check ssl verify required ca-file "/etc/ca #1.pem" crt /etc/svid.pem sni str(api.shop.svc)',
      '   server SRV_1 10.0.1.7:8443 weight 10 no-ssl',
      'frontend f from base',
      '   bind :443 ssl',
    ]);
  });

  it('leaves sections that have nothing to do with TLS to backends as their keyword alone', () => {
    const config =
      'backend b\n server a 10.0.0.1:1 ssl\npeers p\n server mate 10.0.0.9:1\n bind :9\ncrt-store web\n load crt a.pem\ndefaults\n mode tcp';
    expect(reduceHaproxyConfig(config).split('\n')).toEqual([
      'backend b',
      '   server a 10.0.0.1:1 ssl',
      'peers',
      '',
      '',
      'crt-store web',
      '   load crt a.pem',
      'defaults',
      '   mode tcp',
    ]);
  });

  it('is read as before in backends, whatever stands around', () => {
    const [answer] = redactProbe([
      {
        id: 'config',
        argument: '/c',
        status: 0,
        text: '7:backend b\n9:  server s 10.0.0.1:1 ssl crt /a # x\n11:  user a password b',
      },
    ]);
    expect(answer?.text).toBe('7:backend b\n9:   server s 10.0.0.1:1 ssl crt /a\n11:');
  });
});

describe('logs and answers', () => {
  it('keep the lines that each program is read for, with control characters written out', () => {
    const log = `${AT} time="x" level=error msg="Error \u001b[31mwatching"\n${AT} user data of the child\n`;
    expect(redactLog('helper', log)).toBe(`${AT} time="x" level=error msg="Error \\x1b[31mwatching"`);
    expect(redactLog('reloader', `${AT} Can't commit /etc/haproxy/spiffe/svid.pem!\n${AT} hello`)).toBe(
      `${AT} Can't commit /etc/haproxy/spiffe/svid.pem!`,
    );
    const refusals = `${AT} Invalid payload\n${AT} The command line is too big for the buffer size. Please change tune.bufsize in the configuration to use bigger commands.`;
    expect(redactLog('reloader', refusals)).toBe(refusals);
    expect(
      redactLog(
        'agent',
        `${AT} level=info msg="Renewing X509-SVID" spiffe_id=a\n${AT} level=error msg="No identity issued"`,
      ),
    ).toBe(`${AT} level=error msg="No identity issued"`);
  });

  it('keep of armour in a file only what kind it is', () => {
    const [answer] = redactProbe([
      {
        id: 'blocks',
        argument: '/svid.pem',
        status: 0,
        text: '1:-----BEGIN CERTIFICATE-----\n9:-----BEGIN PRIVATE KEY-----\n10:MIIE',
      },
    ]);
    expect(answer?.text).toBe('1:-----BEGIN CERTIFICATE-----\n9:-----BEGIN PRIVATE KEY-----');
  });

  it('drop answers to questions that the probe never asks HAProxy', () => {
    const ask = (argument: string) => redactProbe([{ id: 'haproxy', argument, status: 0, text: 'x' }]).length;
    expect(['show version', '@1 show ssl cert *', '@!42 show stat', '@1 show ssl ca-file /a/b.pem'].map(ask)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(['show env', '@1 dump ssl cert /a', 'show ssl cert a; show env', '@1 show errors'].map(ask)).toEqual([
      0, 0, 0, 0,
    ]);
  });
});
