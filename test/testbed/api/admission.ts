import { isDeepStrictEqual } from 'node:util';
import { type Editable, type EditableObject, readField } from '../../scenario/field-edit.ts';
import { podSpecErrors } from '../cluster/admission/pod-validation.ts';
import type { KubeObject } from '../seams.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap, nameOf } from './metadata.ts';
import { spiffeIdCauses } from './spiffe-id-schema.ts';
import { badRequest, invalid, type StatusCause } from './status.ts';

const WITH_TEMPLATE = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'];
/** What may change in a StatefulSet. */
const STATEFUL_CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Machine words for the ways in which a value can be wrong. */
const REASONS: Readonly<Record<string, string>> = {
  'Required value': 'FieldValueRequired',
  'Duplicate value': 'FieldValueDuplicate',
  'Not found': 'FieldValueNotFound',
};

/** Refuses what an API server would refuse, as far as this one knows: throws 400 or 422. `before` is absent on create. */
export function validate(object: KubeObject, before: KubeObject | undefined, resource: ResourceKind): void {
  refuseOtherTypes(object, resource);
  const causes = [
    ...metadataCauses(object, before),
    ...(WITH_TEMPLATE.includes(resource.kind) ? workloadCauses(object, before) : []),
    ...(resource.kind === 'Pod' ? podCauses(object, before) : []),
    ...(resource.kind === 'StatefulSet' && before ? statefulCauses(object, before) : []),
    ...(resource.kind === 'ClusterSPIFFEID' ? spiffeIdCauses(object) : []),
    ...(before && readField(before, 'immutable') === true ? immutableCauses(object, before) : []),
  ];
  if (causes.length > 0) throw invalid(resource.kind, resource.group, nameOf(object), causes);
}

/** Types that decoding refuses before anything is validated. */
function refuseOtherTypes(object: KubeObject, { kind, version }: ResourceKind): void {
  if (kind !== 'ConfigMap' && kind !== 'Secret') return;
  for (const field of ['data', 'binaryData', 'stringData']) {
    for (const value of Object.values(mapAt(object, field))) {
      if (typeof value === 'string') continue;
      const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
      const type = field === 'data' && kind === 'Secret' ? '[]uint8' : 'string';
      const why = `json: cannot unmarshal ${found} into Go struct field ${kind}.${field} of type ${type}`;
      throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
    }
  }
}

function metadataCauses(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!before && nameOf(object) === '' && readField(object, 'metadata.generateName') === undefined) {
    causes.push(required('metadata.name', 'name or generateName is required'));
  }
  for (const field of ['labels', 'annotations']) {
    for (const [key, value] of Object.entries(mapAt(object, `metadata.${field}`))) {
      if (typeof value !== 'string') causes.push(wrong(`metadata.${field}.${key}`, value, 'must be a string'));
    }
  }
  return causes;
}

function workloadCauses(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const causes: StatusCause[] = [];
  const selector = mapAt(object, 'spec.selector');
  const labels = mapAt(object, 'spec.template.metadata.labels');
  const wanted = mapAt(object, 'spec.selector.matchLabels');
  if (readField(object, 'spec.selector') === undefined) causes.push(required('spec.selector', ''));
  else if (Object.entries(wanted).some(([key, value]) => labels[key] !== value)) {
    causes.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  if (before && !isDeepStrictEqual(selector, mapAt(before, 'spec.selector'))) {
    causes.push(wrong('spec.selector', selector, 'field is immutable'));
  }
  const replicas = readField(object, 'spec.replicas') ?? 0;
  if (typeof replicas !== 'number' || replicas < 0) {
    causes.push(wrong('spec.replicas', replicas, 'must be greater than or equal to 0'));
  }
  return [...causes, ...podSpecCauses(mapAt(object, 'spec.template.spec'), 'spec.template.spec')];
}

function podCauses(object: KubeObject, before: KubeObject | undefined): StatusCause[] {
  const causes = podSpecCauses(mapAt(object, 'spec'), 'spec');
  if (!before || isDeepStrictEqual(fixedPart(object), fixedPart(before))) return causes;
  const allowed =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [...causes, { reason: 'FieldValueForbidden', message: `Forbidden: ${allowed}`, field: 'spec' }];
}

/** What of a pod's spec stays for life; the scheduler's and the kubelet's own additions may come later. */
function fixedPart(pod: KubeObject): EditableObject {
  const { tolerations: _t, nodeName: _n, activeDeadlineSeconds: _a, ...spec } = structuredClone(mapAt(pod, 'spec'));
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers]) {
    for (const container of itemsIn(list)) delete container.image;
  }
  delete spec.ephemeralContainers;
  return spec;
}

function podSpecCauses(spec: EditableObject, at: string): StatusCause[] {
  const causes = podSpecErrors(spec, at).map((error): StatusCause => {
    const [, field = '', message = error] = /^(\S+): (.*)$/s.exec(error) ?? [];
    const kind = /^[A-Z]\w+(?: \w+)?(?=:|$)/.exec(message)?.[0] ?? 'Invalid value';
    return { reason: REASONS[kind] ?? 'FieldValueInvalid', message, field };
  });
  for (const [index, volume] of itemsIn(spec.volumes).entries()) {
    const [, second] = Object.keys(volume).filter((key) => key !== 'name');
    if (second === undefined) continue;
    const message = 'Forbidden: may not specify more than 1 volume type';
    causes.push({ reason: 'FieldValueForbidden', message, field: `${at}.volumes[${index}].${second}` });
  }
  return causes;
}

function statefulCauses(object: KubeObject, before: KubeObject): StatusCause[] {
  const fixed = (set: KubeObject) =>
    Object.fromEntries(Object.entries(mapAt(set, 'spec')).filter(([key]) => !STATEFUL_CHANGEABLE.includes(key)));
  if (isDeepStrictEqual(fixed(object), fixed(before))) return [];
  const list = STATEFUL_CHANGEABLE.map((field) => `'${field}'`);
  const message = `Forbidden: updates to statefulset spec for fields other than ${list.slice(0, -1).join(', ')} and ${list.slice(-1).join('')} are forbidden`;
  return [{ reason: 'FieldValueForbidden', message, field: 'spec' }];
}

function immutableCauses(object: KubeObject, before: KubeObject): StatusCause[] {
  if (isDeepStrictEqual(object.data, before.data) && isDeepStrictEqual(object.binaryData, before.binaryData)) return [];
  return [
    { reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set', field: 'data' },
  ];
}

function required(field: string, detail: string): StatusCause {
  return {
    reason: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
    field,
  };
}

function wrong(field: string, value: Editable, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field };
}

function mapAt(object: KubeObject, path: string): EditableObject {
  const value = readField(object, path);
  return value !== undefined && isMap(value) ? value : {};
}

function itemsIn(value: Editable | undefined): readonly EditableObject[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
