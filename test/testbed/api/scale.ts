import { type Editable, type EditableObject, readField, writeField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap, metadataOf, nameOf } from './metadata.ts';
import { patched } from './patch-object.ts';
import type { RequestBody } from './request-body.ts';
import { parseObject } from './request-body.ts';
import { badRequest, invalid, notFound } from './status.ts';
import type { ObjectStore } from './store.ts';
import { replaced } from './write.ts';
import { keyOf, writeOptions } from './write-options.ts';

/** GET, PUT and PATCH of a workload's `scale`. */
export function answerScale(
  store: ObjectStore,
  info: RequestInfo,
  resource: ResourceKind,
  body: RequestBody | undefined,
): EditableObject {
  const before = store.get(keyOf(info, resource));
  if (!before) throw notFound(resource.plural, resource.group, info.name ?? '');
  if (body === undefined) return scaleOf(before);
  const sent: Editable = info.verb === 'patch' ? patched(scaleOf(before), body, 'built in') : parseObject(body);
  if (!isMap(sent)) throw badRequest('the scale is no object');
  const replicas = readField(sent, 'spec.replicas') ?? 0;
  if (typeof replicas !== 'number' || replicas < 0) {
    const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
    throw invalid('Scale', 'autoscaling', nameOf(before), [
      { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
    ]);
  }
  const wanted = structuredClone(before);
  writeField(wanted, 'spec.replicas', replicas);
  const asked = readField(sent, 'metadata.resourceVersion');
  if (typeof asked === 'string' && asked !== '') metadataOf(wanted).resourceVersion = asked;
  return scaleOf(replaced(store, resource, before, wanted, writeOptions(info)).object);
}

function scaleOf(object: KubeObject): EditableObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = null } = metadataOf(object);
  const labels = readField(object, 'spec.selector.matchLabels');
  const pairs = labels !== undefined && isMap(labels) ? Object.entries(labels) : [];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: readField(object, 'spec.replicas') ?? 1 },
    status: {
      replicas: readField(object, 'status.replicas') ?? 0,
      selector: pairs.map(([key, value]) => `${key}=${String(value)}`).join(','),
    },
  };
}
