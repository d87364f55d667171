import type { EditableObject } from '../../scenario/field-edit.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';

/** The answer to `/openapi/v3`: where each group's document is. */
export function openApiRoot(kinds: readonly ResourceKind[]): EditableObject {
  const paths: EditableObject = {};
  for (const kind of kinds) {
    const at = kind.group === '' ? `api/${kind.version}` : `apis/${apiVersionOf(kind)}`;
    paths[at] = { serverRelativeURL: `/openapi/v3/${at}` };
  }
  return { paths };
}

/**
 * One group's document, without schemas: it says that writes take `fieldValidation` and `dryRun`, so that a client
 * leaves the checking of fields to the server.
 */
export function openApiDocument(kinds: readonly ResourceKind[]): EditableObject {
  const paths: EditableObject = {};
  for (const kind of kinds.filter(({ storage }) => storage === 'objects')) {
    const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
    const scope = kind.scope === 'namespaced' ? '/namespaces/{namespace}' : '';
    const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
    const operation = (action: string): EditableObject => ({
      operationId: `${action}${kind.kind}`,
      parameters: [queryParameter('dryRun'), queryParameter('fieldManager'), queryParameter('fieldValidation')],
      responses: { '200': { description: 'OK' } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': gvk,
    });
    paths[`${root}${scope}/${kind.plural}`] = { post: operation('post') };
    paths[`${root}${scope}/${kind.plural}/{name}`] = { patch: operation('patch'), put: operation('put') };
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1' }, paths };
}

function queryParameter(name: string): EditableObject {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}
