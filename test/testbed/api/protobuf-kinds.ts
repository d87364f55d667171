import type { KubeObject } from '../seams.ts';
import { type Field, type Message, readMessage } from './protobuf.ts';
import { badRequest } from './status.ts';

/** What precedes every object that is sent this way. */
const MAGIC = Buffer.from('k8s\0');

type Row = readonly [name: string, type: Field['type'], repeated?: 'repeated'];

/** The fields by number, from 1 on; undefined for numbers that are of no interest. */
function message(...rows: readonly (Row | undefined)[]): Message {
  return new Map(
    rows.flatMap((row, index): [number, Field][] => {
      if (row === undefined) return [];
      const [name, type, repeated] = row;
      return [[index + 1, { name, type, ...(repeated === undefined ? {} : { repeated }) }]];
    }),
  );
}

const none = undefined;
const envelope = message(['typeMeta', message(['apiVersion', 'text'], ['kind', 'text'])], ['raw', 'bytes']);
const metadata: Row = [
  'metadata',
  message(
    ['name', 'text'],
    ['generateName', 'text'],
    ['namespace', 'text'],
    none,
    ['uid', 'text'],
    ['resourceVersion', 'text'],
    none,
    none,
    none,
    none,
    ['labels', 'text map'],
    ['annotations', 'text map'],
    none,
    ['finalizers', 'text', 'repeated'],
  ),
];
const deleteOptions = message(
  ['gracePeriodSeconds', 'number'],
  ['preconditions', message(['uid', 'text'], ['resourceVersion', 'text'])],
  ['orphanDependents', 'flag'],
  ['propagationPolicy', 'text'],
  ['dryRun', 'text', 'repeated'],
);
const rules: Row = [
  'rules',
  message(
    ['verbs', 'text', 'repeated'],
    ['apiGroups', 'text', 'repeated'],
    ['resources', 'text', 'repeated'],
    ['resourceNames', 'text', 'repeated'],
    ['nonResourceURLs', 'text', 'repeated'],
  ),
  'repeated',
];
const binding = message(
  metadata,
  ['subjects', message(['kind', 'text'], ['apiGroup', 'text'], ['name', 'text'], ['namespace', 'text']), 'repeated'],
  ['roleRef', message(['apiGroup', 'text'], ['kind', 'text'], ['name', 'text'])],
);
const attributes = message(
  ['namespace', 'text'],
  ['verb', 'text'],
  ['group', 'text'],
  ['version', 'text'],
  ['resource', 'text'],
  ['subresource', 'text'],
  ['name', 'text'],
);

/** What kubectl's typed clients send as protobuf, by kind. */
const KINDS: Readonly<Record<string, Message>> = {
  ConfigMap: message(metadata, ['data', 'text map'], ['binaryData', 'bytes map'], ['immutable', 'flag']),
  Secret: message(metadata, ['data', 'bytes map'], ['type', 'text'], ['stringData', 'text map'], ['immutable', 'flag']),
  Namespace: message(metadata),
  ServiceAccount: message(metadata, none, none, ['automountServiceAccountToken', 'flag']),
  Role: message(metadata, rules),
  ClusterRole: message(metadata, rules),
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  DeleteOptions: deleteOptions,
  Eviction: message(metadata, ['deleteOptions', deleteOptions]),
  TokenRequest: message(metadata, [
    'spec',
    message(['audiences', 'text', 'repeated'], none, none, ['expirationSeconds', 'number']),
  ]),
  SelfSubjectReview: message(metadata),
  SelfSubjectRulesReview: message(metadata, ['spec', message(['namespace', 'text'])]),
  SelfSubjectAccessReview: message(metadata, [
    'spec',
    message(['resourceAttributes', attributes], ['nonResourceAttributes', message(['path', 'text'], ['verb', 'text'])]),
  ]),
};

/** An object in the protobuf form of the API. Undefined: of a kind that is only taken as JSON. Throws a 400 on broken bytes. */
export function fromProtobuf(bytes: Buffer): KubeObject | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix');
  }
  try {
    const { typeMeta, raw = '' } = readMessage(bytes.subarray(MAGIC.length), envelope);
    const { apiVersion = '', kind = '' } =
      typeof typeMeta === 'object' && typeMeta !== null && !Array.isArray(typeMeta) ? typeMeta : {};
    const schema = KINDS[String(kind)];
    return schema && { apiVersion, kind, ...withoutEmpty(readMessage(Buffer.from(String(raw), 'base64'), schema)) };
  } catch (error) {
    throw badRequest(`unable to decode protobuf: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Go writes empty texts where JSON leaves a field out. */
function withoutEmpty(object: KubeObject): KubeObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      if (value === '') return [];
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [[key, isMap && key !== 'data' && key !== 'binaryData' ? withoutEmpty(value) : value]];
    }),
  );
}
