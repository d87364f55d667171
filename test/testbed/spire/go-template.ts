import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import { dig, objectAt } from '../cluster/fields.ts';

/** What spire-controller-manager hands to the templates of a ClusterSPIFFEID. */
export interface TemplateData {
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly clusterDomain: string;
  readonly pod: EditableObject;
  readonly node: EditableObject;
}

/** Go's text when a template does not parse (`parse`) or cannot be executed (`execute`). */
export class TemplateError extends Error {
  readonly when: 'parse' | 'execute';

  constructor(when: 'parse' | 'execute', message: string) {
    super(message);
    this.when = when;
  }
}

type Type = Readonly<Record<string, string | undefined>>;

const OBJECT_META: Type = {
  Name: 'name',
  GenerateName: 'generateName',
  Namespace: 'namespace',
  UID: 'uid',
  ResourceVersion: 'resourceVersion',
  Labels: 'labels',
  Annotations: 'annotations',
};
const POD_SPEC: Type = {
  ServiceAccountName: 'serviceAccountName',
  NodeName: 'nodeName',
  Hostname: 'hostname',
  HostNetwork: 'hostNetwork',
  PriorityClassName: 'priorityClassName',
  SchedulerName: 'schedulerName',
};
const NODE_SPEC: Type = { PodCIDR: 'podCIDR', ProviderID: 'providerID' };
const NAME = 'template';

/** Renders actions of fields and `index`, as Go's text/template does. Throws a `TemplateError`; anything else than these is refused loudly. */
export function renderGoTemplate(template: string, data: TemplateData): string {
  let text = '';
  for (const part of partsOf(template)) text += part.kind === 'text' ? part.text : execute(part.action, part.at, data);
  return text;
}

/** Throws a `TemplateError` when Go could not parse the template. */
export function checkGoTemplate(template: string): void {
  partsOf(template);
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly action: string; readonly at: number };

function partsOf(template: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (;;) {
    const open = template.indexOf('{{', from);
    if (open < 0) return [...parts, { kind: 'text', text: template.slice(from) }];
    const close = template.indexOf('}}', open);
    if (close < 0) throw new TemplateError('parse', `template: ${NAME}:1: unclosed action`);
    parts.push({ kind: 'text', text: template.slice(from, open) });
    const action = template
      .slice(open + 2, close)
      .replace(/^-\s/, '')
      .replace(/\s-$/, '')
      .trim();
    if (action === '') throw new TemplateError('parse', `template: ${NAME}:1: missing value for command`);
    if (/^[A-Za-z_]\w*$/.test(action) && action !== 'index')
      throw new TemplateError('parse', `template: ${NAME}:1: function ${JSON.stringify(action)} not defined`);
    parts.push({ kind: 'action', action, at: open + 3 });
    from = close + 2;
  }
}

function execute(action: string, at: number, data: TemplateData): string {
  const [, path = '', key] = /^(?:index\s+)?((?:\.\w+)+)(?:\s+"([^"]*)")?$/.exec(action) ?? [];
  if (path === '') throw new Error(`the stand-in does not know how to render {{ ${action} }}`);
  const fail = (why: string) =>
    new TemplateError('execute', `template: ${NAME}:1:${at}: executing "${NAME}" at <${path}>: ${why}`);
  const value = walk(path.slice(1).split('.'), data, fail);
  if (key === undefined) return print(value);
  // The zero value of a map's element is what index gives for a key that is not there.
  return print(dig(value, key) ?? '');
}

function walk(path: readonly string[], data: TemplateData, fail: (why: string) => Error): Editable | undefined {
  const [root = '', field, key, ...more] = path;
  const scalars: Readonly<Record<string, string | undefined>> = {
    TrustDomain: data.trustDomain,
    ClusterName: data.clusterName,
    ClusterDomain: data.clusterDomain,
  };
  const scalar = scalars[root];
  if (scalar !== undefined) {
    if (field !== undefined) throw fail(`can't evaluate field ${field} in type string`);
    return scalar;
  }
  const [fields, type, object] = structOf(root, data) ?? [];
  if (fields === undefined || object === undefined)
    throw fail(`can't evaluate field ${root} in type *spireentry.templateData`);
  if (field === undefined) throw new Error(`the stand-in does not print a whole ${type}`);
  const name = fields[field];
  if (name === undefined) throw fail(`can't evaluate field ${field} in type ${type}`);
  const value = dig(object, name) ?? (name === 'labels' || name === 'annotations' ? {} : '');
  if (key === undefined) return value;
  if (typeof value !== 'object') throw fail(`can't evaluate field ${key} in type string`);
  if (more.length > 0) throw fail(`can't evaluate field ${more[0]} in type string`);
  return dig(value, key) ?? '<no value>';
}

function structOf(root: string, { pod, node }: TemplateData): readonly [Type, string, EditableObject] | undefined {
  switch (root) {
    case 'PodMeta':
      return [OBJECT_META, '*v1.ObjectMeta', objectAt(pod, 'metadata')];
    case 'PodSpec':
      // The API server fills the account in when nobody names one.
      return [POD_SPEC, '*v1.PodSpec', { serviceAccountName: 'default', ...objectAt(pod, 'spec') }];
    case 'NodeMeta':
      return [OBJECT_META, '*v1.ObjectMeta', objectAt(node, 'metadata')];
    case 'NodeSpec':
      return [NODE_SPEC, '*v1.NodeSpec', objectAt(node, 'spec')];
    default:
      return undefined;
  }
}

function print(value: Editable | undefined): string {
  return typeof value === 'string' ? value : String(value ?? '');
}
