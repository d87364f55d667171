import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import type { Editable } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { isMap } from './metadata.ts';
import { fromProtobuf } from './protobuf-kinds.ts';
import { badRequest, StatusError } from './status.ts';

/** As an API server bounds it, bytes. */
const LIMIT = 3 * 2 ** 20;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** What a client sent. */
export interface RequestBody {
  /** Without parameters: `application/merge-patch+json`. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** Reads the whole body. Throws a 413 when it is too big. */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LIMIT) throw new StatusError(413, 'RequestEntityTooLarge', `limit is ${LIMIT}`);
    chunks.push(bytes);
  }
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0] ?? '';
  return { type: type.trim(), bytes: Buffer.concat(chunks) };
}

/** JSON or YAML by the body's type. Throws a 400 on text that is neither. */
export function parseBody({ type, bytes }: RequestBody): Editable {
  const text = bytes.toString('utf8');
  try {
    return (type.includes('yaml') ? parseYaml(text) : JSON.parse(text)) as Editable;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : ''}`);
  }
}

/** An object that was sent as such. Throws 415 for a type that is not taken, 400 for another kind of value. */
export function parseObject(body: RequestBody): KubeObject {
  const value = body.type === PROTOBUF ? fromProtobuf(body.bytes) : undefined;
  if (value !== undefined) return value;
  if (!/^application\/(json|yaml)$/.test(body.type)) throw unsupported(['application/json', 'application/yaml']);
  const parsed = parseBody(body);
  if (!isMap(parsed)) throw badRequest('the object provided is unrecognized (must be of type object)');
  return parsed;
}

export function unsupported(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message, {});
}
