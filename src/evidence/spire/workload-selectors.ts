import { type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { PodView } from '../pod-view.ts';
import { renderTemplate, type TemplateData } from './go-template.ts';

/**
 * The first of an object's workloadSelectorTemplates that the SPIRE agent will not find on the pod, in words. Such an
 * entry exists and is given to nobody. Selectors of containers, images and other attestors are not judged here.
 */
export function unmetSelector(clusterSpiffeId: JsonObject, pod: PodView, data: TemplateData): string | undefined {
  for (const template of listAt(objectAt(clusterSpiffeId.spec).workloadSelectorTemplates)) {
    const rendered = renderTemplate(textAt(template) ?? '', data);
    const unmet = rendered.state === 'text' ? unmetText(rendered.text, pod) : undefined;
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}

function unmetText(selector: string, pod: PodView): string | undefined {
  const [, kind, value = ''] = /^k8s:(sa|ns|node-name|pod-name|pod-uid|pod-label):(.*)$/s.exec(selector) ?? [];
  const wants = `its workloadSelectorTemplates ask for ${selector}`;
  const differs = (what: string, actual: string | undefined) =>
    actual === undefined || actual === value ? undefined : `${wants}, and the pod ${what} ${actual}`;
  switch (kind) {
    case 'sa':
      return differs('runs as service account', pod.serviceAccount);
    case 'ns':
      return differs('is in namespace', pod.ref.namespace);
    case 'node-name':
      return differs('is on node', pod.node);
    case 'pod-name':
      return pod.from === 'pod' ? differs('is called', pod.ref.name) : undefined;
    case 'pod-uid':
      return differs('has the UID', pod.uid);
    case 'pod-label': {
      const colon = value.indexOf(':');
      const label = value.slice(0, colon);
      const actual = Object.hasOwn(pod.labels, label) ? pod.labels[label] : undefined;
      if (colon < 0 || actual === value.slice(colon + 1)) return undefined;
      return `${wants}, and the pod has ${actual === undefined ? `no label ${label}` : `${label}=${actual}`}`;
    }
    default:
      return undefined;
  }
}
