import { writeField } from '../../scenario/field-edit.ts';
import { textAt } from '../cluster/fields.ts';
import type { Fault, ObjectChange } from './fault.ts';
import { scriptText } from './memory-scripts.ts';

const INGRESS = 'Ingress shop/api';
const RELEASE = 'HAProxyTemplateConfig haptic/haptic-config';
const SNIPPET = 'backend-directives-800-server-mtls-spire';
const TEMPLATE = `spec.templateSnippets["${SNIPPET}"].template`;

const expected = (message: string, culprit = INGRESS) => ({ check: 'cert-loaded', message, culprit }) as const;

function snippetText(from: string, to: string): ObjectChange {
  return { object: RELEASE, replace: { at: TEMPLATE, from, to } };
}

/** Whether HAProxy uses the SVID towards the backends that ask for it, and wants theirs. */
export const ROUTING_FAULTS: readonly Fault[] = [
  {
    name: 'annotation-says-yes',
    ids: ['M1'],
    about: 'The Ingress asks for mTLS with a word that the snippet does not take.',
    change: [{ object: INGRESS, set: { at: 'metadata.annotations["example.com/server-mtls-spire"]', to: 'yes' } }],
    expect: expected('annotation-value'),
    cure: { by: 'commands' },
  },
  {
    name: 'snippet-named-otherwise',
    ids: ['M1'],
    about: 'The snippet has a name under which HAPTIC does not run it for backends.',
    objects: (objects) => {
      for (const object of objects) {
        const { kind, spec } = object;
        if (kind !== 'HAProxyTemplateConfig' || typeof spec !== 'object' || spec === null || Array.isArray(spec))
          continue;
        const { templateSnippets: snippets } = spec;
        if (typeof snippets !== 'object' || snippets === null || Array.isArray(snippets)) continue;
        const { [SNIPPET]: snippet = null } = snippets;
        spec.templateSnippets = { 'server-mtls-spire': snippet };
      }
      return objects;
    },
    expect: expected('snippet-missing', RELEASE),
    cure: { by: 'commands' },
  },
  {
    name: 'verification-switched-off',
    ids: ['M7'],
    about: 'The snippet takes any certificate of a backend.',
    change: [snippetText('ssl verify required', 'ssl verify none')],
    expect: expected('verification-off'),
    cure: { by: 'commands' },
  },
  {
    name: 'verification-undone-by-another-snippet',
    ids: ['M7'],
    about: 'A snippet of another library comes after SPIRE’s and takes verification back.',
    change: [
      {
        object: RELEASE,
        set: {
          at: 'spec.templateSnippets["backend-directives-900-backend-ssl"].template',
          to: '{%- serverOpts["flags"] = append(serverOpts["flags"].([]any), "ssl verify none") %}\n',
        },
      },
    ],
    expect: expected('verification-off'),
    cure: { by: 'commands' },
  },
  {
    name: 'no-client-certificate',
    ids: ['M7'],
    about: 'The snippet leaves out crt: HAProxy presents nothing to the backend.',
    change: [snippetText('"crt /etc/haproxy/spiffe/svid.pem " + ', '')],
    expect: expected('no-client-certificate'),
    cure: { by: 'commands' },
  },
  {
    name: 'no-ca-file',
    ids: ['M7'],
    about: 'The snippet leaves out ca-file, and HAProxy accepts no such configuration.',
    change: [
      snippetText('"ssl verify required " + "ca-file /etc/haproxy/spiffe/bundle.pem " +', '"ssl verify required " +'),
    ],
    expect: expected('no-ca-file'),
    cure: { by: 'commands' },
  },
  {
    name: 'ca-file-without-certificate',
    ids: ['T6'],
    about:
      'A snippet verifies backends of another Ingress by SPIRE’s bundle and presents no SVID: no push of the bundle reaches them.',
    change: [
      {
        add: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'status', namespace: 'shop', annotations: { 'example.com/verify-backend': 'true' } },
          spec: {
            ingressClassName: 'haproxy',
            rules: [
              {
                host: 'status.example.com',
                http: {
                  paths: [
                    { path: '/', pathType: 'Prefix', backend: { service: { name: 'api', port: { name: 'https' } } } },
                  ],
                },
              },
            ],
          },
        },
      },
      {
        object: RELEASE,
        set: {
          at: 'spec.templateSnippets["backend-directives-700-verify-backend"].template',
          to: `{%- if ingress != nil %}
{%- var wanted = ingress | dig("metadata", "annotations", "example.com/verify-backend") | fallback("") | tostring() %}
{%- if wanted == "true" %}
{%- serverOpts["flags"] = append(serverOpts["flags"].([]any), "ssl verify required ca-file /etc/haproxy/spiffe/bundle.pem sni str(api.shop.svc)") %}
{%- end %}
{%- end %}
`,
        },
      },
    ],
    expect: { ...expected('ca-without-certificate', RELEASE), phase: 'latent' },
    cure: { by: 'commands' },
  },
  {
    name: 'bundle-named-otherwise',
    ids: ['M9'],
    about:
      'spiffe-helper alone calls the bundle bundle.pem: HAPTIC accepts by its placeholders what no HAProxy can load.',
    change: [snippetText('bundle.pem', 'ca.pem'), scriptText('bundle.pem', 'ca.pem')],
    objects: (objects) => {
      for (const object of objects) {
        const { data } = object;
        if (textAt(object, 'metadata', 'name') !== 'haptic-spiffe-validation-certs') continue;
        if (typeof data !== 'object' || data === null || Array.isArray(data)) continue;
        const { 'bundle.pem': bundle = null, ...others } = data;
        object.data = { ...others, 'ca.pem': bundle };
      }
      return objects;
    },
    expect: { check: 'spiffe-dir', message: 'names-differ', culprit: 'ConfigMap haptic/haptic-spiffe-helper-config' },
    cure: { by: 'commands' },
  },
  {
    name: 'annotated-while-controller-is-away',
    ids: ['M1'],
    about: 'Nobody has rendered anything since the Ingress was annotated: the controller is scaled to nothing.',
    change: [{ object: INGRESS, set: { at: 'metadata.annotations["example.com/server-mtls-spire"]', to: 'false' } }],
    happens: async ({ store, settle }) => {
      const scaled = store.get({ kind: 'Deployment', namespace: 'haptic', name: 'haptic-controller' });
      const ingress = store.get({ kind: 'Ingress', namespace: 'shop', name: 'api' });
      if (scaled === undefined || ingress === undefined) throw new Error('the base has other names');
      writeField(scaled, 'spec.replicas', 0);
      store.update(scaled, { manager: 'kubectl-scale' });
      await settle();
      writeField(ingress, 'metadata.annotations["example.com/server-mtls-spire"]', 'true');
      store.update(ingress, { manager: 'kubectl-annotate' });
      await settle();
    },
    expect: expected('backend-without-tls'),
    cure: { by: 'commands' },
  },
];
