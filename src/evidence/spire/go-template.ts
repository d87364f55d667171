/** Result of rendering a Go template of a ClusterSPIFFEID as far as this project reads templates. */
export type Rendered =
  | { readonly state: 'text'; readonly text: string }
  /** The controller fails on it too, with these words. */
  | { readonly state: 'fails'; readonly because: string }
  /** It uses what was not seen, or what is not read here. */
  | { readonly state: 'unseen'; readonly uses: string };

/** Values that templates may name; undefined: not seen. */
export interface TemplateData {
  readonly trustDomain: string | undefined;
  readonly clusterName: string | undefined;
  readonly clusterDomain: string | undefined;
  readonly podName: string | undefined;
  readonly namespace: string;
  readonly podUid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly node: string | undefined;
}

/** Fields that templates are often written with and that the types lack (spire-controller-manager template data). */
const NO_SUCH_FIELD = /^\.PodMeta\.(?:ServiceAccountName|NodeName)$|^\.PodSpec\.(?:Namespace|Name|Labels)$/;

/** Renders `{{ .PodMeta.Namespace }}`-style templates: plain fields, labels and annotations; nothing else is attempted. */
export function renderTemplate(template: string, data: TemplateData): Rendered {
  let text = '';
  let rest = template;
  for (;;) {
    const open = rest.indexOf('{{');
    if (open < 0) return { state: 'text', text: text + rest };
    const close = rest.indexOf('}}', open);
    if (close < 0) return { state: 'fails', because: 'unclosed action' };
    const action = rest
      .slice(open + 2, close)
      .replace(/^-\s/, '')
      .replace(/\s-$/, '')
      .trim();
    if (NO_SUCH_FIELD.test(action))
      return { state: 'fails', because: `can't evaluate field ${action.slice(action.lastIndexOf('.') + 1)}` };
    const value = templateValue(action, data);
    if (value === undefined) return { state: 'unseen', uses: `{{ ${action} }}` };
    text += rest.slice(0, open) + value;
    rest = rest.slice(close + 2);
  }
}

function templateValue(action: string, data: TemplateData): string | undefined {
  const indexed = /^index\s+\.PodMeta\.(Labels|Annotations)\s+"([^"]*)"$/.exec(action);
  // A missing key is the empty string to Go's index, and no value at all to a field of the map.
  if (indexed) return (indexed[1] === 'Labels' ? data.labels : data.annotations)[indexed[2] ?? ''] ?? '';
  const dotted = /^\.PodMeta\.Labels\.(\w+)$/.exec(action);
  if (dotted) return data.labels[dotted[1] ?? ''] ?? '<no value>';
  switch (action) {
    case '.TrustDomain':
      return data.trustDomain;
    case '.ClusterName':
      return data.clusterName;
    case '.ClusterDomain':
      return data.clusterDomain;
    case '.PodMeta.Name':
      return data.podName;
    case '.PodMeta.Namespace':
      return data.namespace;
    case '.PodMeta.UID':
      return data.podUid;
    case '.PodSpec.ServiceAccountName':
      return data.serviceAccount;
    case '.PodSpec.NodeName':
    case '.NodeMeta.Name':
      return data.node;
    default:
      return undefined;
  }
}
