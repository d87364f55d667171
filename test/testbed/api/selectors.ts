import { readField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { isMap } from './metadata.ts';
import { badRequest } from './status.ts';

/** Whether an object is wanted. */
export type Selects = (object: KubeObject) => boolean;

/** `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. Throws a 400 on anything else. */
export function labelSelector(text: string): Selects {
  const tests = splitRequirements(text).map(labelRequirement);
  return (object) => {
    const labels = readField(object, 'metadata.labels');
    return tests.every((test) => test(isMap(labels) ? labels : {}));
  };
}

type LabelTest = (labels: Readonly<Record<string, unknown>>) => boolean;

function labelRequirement(text: string): LabelTest {
  const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => values.includes(String(labels[key] ?? '\u0000')) === (operator === 'in');
  }
  const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(text);
  if (!existence) throw badRequest(`unable to parse requirement: found '${text}'`);
  const [, not, key = ''] = existence;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Fields by which a kind can be selected, besides its name and namespace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  Secret: ['type'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  ReplicaSet: ['status.replicas'],
  Ingress: ['spec.ingressClassName'],
};

/** `spec.nodeName=node-a,status.phase!=Running`. Throws a 400 on a field by which the kind cannot be selected. */
export function fieldSelector(text: string, kind: string): Selects {
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field = '', operator = '', wanted = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
      if (operator === '') throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      const served = ['metadata.name', 'metadata.namespace', ...(FIELDS[kind] ?? [])];
      if (!served.includes(field)) throw badRequest(`field label not supported: ${field}`);
      const value = wanted.replace(/\\(.)/g, '$1');
      return (object: KubeObject) => (fieldText(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

/** A field as selectors see it: text, empty where there is none. */
function fieldText(object: KubeObject, field: string): string {
  if (field === 'source') return String(readField(object, 'source.component') ?? object.reportingComponent ?? '');
  const value =
    readField(object, field) ?? (field === 'spec.unschedulable' || field === 'spec.hostNetwork' ? false : '');
  return String(value);
}

/** Both selectors of a list or watch. */
export function selectorOf(query: URLSearchParams, kind: string): Selects {
  const byLabel = labelSelector(query.get('labelSelector') ?? '');
  const byField = fieldSelector(query.get('fieldSelector') ?? '', kind);
  return (object) => byLabel(object) && byField(object);
}
