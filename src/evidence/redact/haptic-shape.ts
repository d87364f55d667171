import { type Json, objectAt, textAt } from '../json.ts';
import { reduceHaproxyConfig } from './haproxy-config.ts';
import { maskSecrets } from './key-material.ts';
import { metadata } from './metadata.ts';
import { conditions } from './pod-shape.ts';
import { fields, type Keep, list, map, type Place, pick, scalar, text, texts } from './shape.ts';

const MAX_CONFIG = 32 * 1024 * 1024;

/** haproxy.cfg, or a template of it: the lines that decide about TLS to backends, each where it was. */
const haproxyConfig: Keep = (value, place) => {
  if (typeof value !== 'string' || value.length > MAX_CONFIG) return undefined;
  const reduced = reduceHaproxyConfig(value);
  if (reduced !== value) place.note('credential');
  return reduced;
};

/** Snippets about certificates on server lines; hundreds of others are nobody's business here. */
const snippets: Keep = (value, place) =>
  pick(value, place, (key) => {
    const template = textAt(objectAt(objectAt(value)[key]).template) ?? '';
    const aboutCertificates = /\bca-file\b/.test(template) && /\bcrt\b/.test(template);
    return aboutCertificates || /mtls|spire|spiffe/i.test(key + template)
      ? fields({ template: text, priority: scalar })
      : undefined;
  });

const selector = fields({
  matchLabels: map(text),
  matchExpressions: list(fields({ key: text, operator: text, values: texts })),
});

export const templateConfig = fields({
  metadata: metadata('HAProxyTemplateConfig'),
  spec: fields({
    podSelector: selector,
    watchedResources: map(
      fields({
        apiVersion: text,
        resources: text,
        fieldSelector: text,
        labelSelector: text,
        namespace: text,
        enableValidationWebhook: scalar,
      }),
    ),
    dataplane: fields({ configFile: text, sslCertsDir: text, port: scalar }),
    haproxyConfig: fields({ template: haproxyConfig }),
    templateSnippets: snippets,
  }),
  status: fields({
    validationStatus: text,
    validationMessage: text,
    validationErrors: list((value, place) =>
      typeof value === 'string' ? text(value, place) : validationError(value, place),
    ),
    observedGeneration: scalar,
    lastValidated: text,
    conditions,
  }),
});

const validationError = fields({ message: text, error: text, field: text, path: text, type: text });

const deployedTo = fields({
  podName: text,
  namespace: text,
  podUID: text,
  deployedAt: text,
  checksum: text,
  lastReloadAt: text,
  lastReloadID: text,
  lastError: text,
  consecutiveErrors: scalar,
  lastErrorAt: text,
  fallbackUsed: scalar,
  appliedPlanID: text,
  runningPlanID: text,
  mode: text,
  reasons: texts,
});

const haproxyCfgStatus = fields({
  validationError: text,
  deployedToPods: list(deployedTo),
  observedGeneration: scalar,
  lastError: text,
  metadata: fields({ renderedAt: text, validatedAt: text, contentSize: scalar }),
  conditions,
});

/** Compressed content cannot be reduced, so it does not pass; sources decompress it first. */
export const haproxyCfg: Keep = (value: Json, place: Place) => {
  const compressed = objectAt(objectAt(value).spec).compressed === true;
  const content: Keep = compressed ? () => undefined : haproxyConfig;
  return fields({
    metadata: metadata('HAProxyCfg'),
    spec: fields({
      path: text,
      checksum,
      compressed: scalar,
      content,
      metadata: fields({ renderedAt: text, validatedAt: text }),
    }),
    status: haproxyCfgStatus,
  })(value, place);
};

const checksum: Keep = (value) =>
  typeof value === 'string' && value.length <= 200 ? maskSecrets(value).text : undefined;

export { selector };
