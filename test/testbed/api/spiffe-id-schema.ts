import { type Editable, readField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { isMap } from './metadata.ts';
import type { StatusCause } from './status.ts';

type Type = 'string' | 'boolean' | 'object' | 'array';

/** Types of a ClusterSPIFFEID's spec by its CustomResourceDefinition. */
const SPEC: Readonly<Record<string, Type>> = {
  spiffeIDTemplate: 'string',
  ttl: 'string',
  jwtTtl: 'string',
  className: 'string',
  hint: 'string',
  dnsNameTemplates: 'array',
  workloadSelectorTemplates: 'array',
  federatesWith: 'array',
  namespaceSelector: 'object',
  podSelector: 'object',
  admin: 'boolean',
  downstream: 'boolean',
  fallback: 'boolean',
  autoPopulateDNSNames: 'boolean',
};
/** A duration of Go: the webhook and the controller parse it. */
const DURATION = /^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^0$/;

/** What the schema refuses in a ClusterSPIFFEID. */
export function spiffeIdCauses(object: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  const spec = readField(object, 'spec');
  const fields = spec !== undefined && isMap(spec) ? spec : {};
  if (fields.spiffeIDTemplate === undefined) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.spiffeIDTemplate' });
  }
  for (const [field, type] of Object.entries(SPEC)) {
    const value = fields[field];
    if (value === undefined || value === null) continue;
    const found = typeOf(value);
    if (found !== type) {
      const message = `Invalid value: "${found}": spec.${field} in body must be of type ${type}: "${found}"`;
      causes.push({ reason: 'FieldValueTypeInvalid', message, field: `spec.${field}` });
    } else if ((field === 'ttl' || field === 'jwtTtl') && !DURATION.test(String(value))) {
      const message = `Invalid value: ${JSON.stringify(value)}: time: invalid duration ${JSON.stringify(value)}`;
      causes.push({ reason: 'FieldValueInvalid', message, field: `spec.${field}` });
    }
  }
  return causes;
}

/** Fields of the spec that the schema does not know: strict validation refuses them, otherwise they are pruned. */
export function unknownSpiffeIdFields(object: KubeObject): readonly string[] {
  const spec = readField(object, 'spec');
  return spec !== undefined && isMap(spec) ? Object.keys(spec).filter((field) => !Object.hasOwn(SPEC, field)) : [];
}

function typeOf(value: Editable): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}
