import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { metadataOf } from './metadata.ts';
import { StatusError } from './status.ts';
import { columnsOf } from './table-columns.ts';

/** The form in which a client wants objects. */
export type AnswerForm =
  | { readonly form: 'objects' }
  | { readonly form: 'metadata' }
  | { readonly form: 'table'; readonly version: string; readonly include: 'None' | 'Metadata' | 'Object' };

/** What the Accept header asks for first among what is served; protobuf never is. Throws a 406 when nothing fits. */
export function answerForm(accept: string | undefined, query: URLSearchParams): AnswerForm {
  if (accept === undefined || accept.trim() === '') return { form: 'objects' };
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const wanted = new Map(
      parameters.map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
    );
    const as = wanted.get('as');
    const version = wanted.get('v') ?? 'v1';
    if (as === undefined) return { form: 'objects' };
    if (as === 'Table' && ['v1', 'v1beta1'].includes(version)) {
      const include = query.get('includeObject');
      return { form: 'table', version, include: include === 'None' || include === 'Object' ? include : 'Metadata' };
    }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { form: 'metadata' };
  }
  const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}

/** One object in the wanted form. `now` is epoch milliseconds. */
export function inForm(object: KubeObject, resource: ResourceKind, form: AnswerForm, now: number): EditableObject {
  if (form.form === 'objects') return { kind: resource.kind, apiVersion: apiVersionOf(resource), ...object };
  if (form.form === 'metadata') return partial(object);
  return table(
    [object],
    { resourceVersion: metadataOf(object).resourceVersion ?? '' },
    resource,
    form,
    now,
    'with columns',
  );
}

/** A page of a list in the wanted form; items of built-in kinds carry no kind and apiVersion. */
export function listInForm(
  objects: readonly KubeObject[],
  metadata: EditableObject,
  resource: ResourceKind,
  form: AnswerForm,
  now: number,
): EditableObject {
  if (form.form === 'table') return table(objects, metadata, resource, form, now, 'with columns');
  if (form.form === 'metadata') {
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(partial) };
  }
  const items = objects.map((object): KubeObject => {
    const { kind: _kind, apiVersion: _version, ...rest } = object;
    return resource.custom ? { apiVersion: apiVersionOf(resource), kind: resource.kind, ...rest } : rest;
  });
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}

/** A table; in a watch only the first one has column definitions. */
export function table(
  objects: readonly KubeObject[],
  metadata: EditableObject,
  resource: ResourceKind,
  { version, include }: AnswerForm & { readonly form: 'table' },
  now: number,
  heading: 'with columns' | 'rows only',
): EditableObject {
  const columns = columnsOf(resource.kind);
  const columnDefinitions = columns.map(
    ({ name, type, shown }): EditableObject => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: shown === 'wide' ? 1 : 0,
    }),
  );
  const rows = objects.map((object): EditableObject => {
    const cells = columns.map(({ cell }) => cell(object, now));
    if (include === 'None') return { cells };
    return {
      cells,
      object: include === 'Object' ? inForm(object, resource, { form: 'objects' }, now) : partial(object),
    };
  });
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: heading === 'with columns' ? columnDefinitions : [],
    rows,
  };
}

function partial(object: KubeObject): EditableObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadataOf(object) };
}
