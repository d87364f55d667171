import { parseDuration } from '../../../src/evidence/spire/agent-config.ts';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { dig, objectsAt, textAt, textListAt } from '../cluster/fields.ts';
import type { KubeObject, Store } from '../seams.ts';
import type { ControllerManager } from './controller-manager.ts';
import { type Entry, entryId, entryKey, trustDomainOf } from './entry.ts';
import { renderGoTemplate, type TemplateData } from './go-template.ts';

/**
 * The entry that a ClusterSPIFFEID makes of a pod (spire-controller-manager pkg/spireentry/entries.go). Throws with the
 * controller's words when it cannot be rendered.
 */
export function renderEntry(store: Store, manager: ControllerManager, spec: EditableObject, pod: KubeObject): Entry {
  const nodeName = textAt(pod, 'spec', 'nodeName');
  const node = store.get({ kind: 'Node', name: nodeName });
  if (node === undefined) throw new Error(`node ${JSON.stringify(nodeName)} not found in cache`);
  const { trustDomain, clusterName, clusterDomain } = manager;
  const data: TemplateData = { trustDomain, clusterName, clusterDomain, pod, node };
  const render = (template: string, what: string) => {
    try {
      return renderGoTemplate(template, data);
    } catch (error) {
      throw new Error(`failed to render ${what}: failed to execute template: ${wordsOf(error)}`);
    }
  };
  const spiffeId = render(textAt(spec, 'spiffeIDTemplate'), 'SPIFFE ID');
  checkSpiffeId(spiffeId, trustDomain);
  const dnsNames = new Set(textListAt(spec, 'dnsNameTemplates').map((template) => render(template, 'DNS name')));
  if (dig(spec, 'autoPopulateDNSNames') === true)
    for (const name of endpointNames(store, pod, clusterDomain)) dnsNames.add(name);
  const selectors = textListAt(spec, 'workloadSelectorTemplates').map((template) => {
    const selector = render(template, 'workload selector');
    if (!/^[^:]+:[\s\S]+$/.test(selector))
      throw new Error(
        `failed to render workload selector: invalid workload selector ${JSON.stringify(selector)}: expected at least one colon separate the type from the value`,
      );
    return selector;
  });
  const ttl = parseDuration(textAt(spec, 'ttl'));
  const entry: Omit<Entry, 'id'> = {
    spiffeId,
    trustDomain,
    node: nodeName,
    selectors: [`k8s:pod-uid:${textAt(pod, 'metadata', 'uid')}`, ...selectors],
    dnsNames: [...dnsNames],
    ...(ttl === undefined || ttl === 0 ? {} : { ttl }),
    hint: textAt(spec, 'hint'),
  };
  return { id: entryId(entryKey(entry)), ...entry };
}

/** Names of the Services whose Endpoints lead to the pod, ready or not, in every form that a client may use. */
function endpointNames(store: Store, pod: KubeObject, clusterDomain: string): readonly string[] {
  const namespace = textAt(pod, 'metadata', 'namespace');
  const uid = textAt(pod, 'metadata', 'uid');
  const leading = store
    .list('Endpoints', namespace)
    .filter((endpoints) =>
      objectsAt(endpoints, 'subsets').some((subset) =>
        [...objectsAt(subset, 'addresses'), ...objectsAt(subset, 'notReadyAddresses')].some(
          (address) => textAt(address, 'targetRef', 'uid') === uid,
        ),
      ),
    );
  return leading
    .flatMap((endpoints) => {
      const name = textAt(endpoints, 'metadata', 'name');
      const full = `${name}.${namespace}.svc`;
      return [name, `${name}.${namespace}`, full, ...(clusterDomain === '' ? [] : [`${full}.${clusterDomain}`])];
    })
    .toSorted();
}

function checkSpiffeId(spiffeId: string, trustDomain: string): void {
  const [, domain, path = ''] = /^spiffe:\/\/([a-z0-9._-]+)(\/.*)?$/.exec(spiffeId) ?? [];
  const invalid = (why: string) => new Error(`failed to render SPIFFE ID: invalid SPIFFE ID: ${why}`);
  if (!spiffeId.startsWith('spiffe://')) throw invalid('scheme is missing or invalid');
  if (domain === undefined)
    throw invalid('trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores');
  if (path.split('/').slice(1).includes('')) throw invalid('path cannot contain empty segments');
  if (!/^[\w./-]*$/.test(path))
    throw invalid('path segment characters are limited to letters, numbers, dots, dashes, and underscores');
  if (domain !== trustDomain)
    throw invalid(
      `expected trust domain ${JSON.stringify(trustDomain)} but got ${JSON.stringify(trustDomainOf(spiffeId))}`,
    );
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
