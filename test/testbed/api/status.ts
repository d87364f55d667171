import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EditableObject } from '../../scenario/field-edit.ts';

/** One of several reasons in a refusal. */
export interface StatusCause {
  /** `FieldValueInvalid`. */
  readonly reason: string;
  readonly message: string;
  /** `spec.selector`. */
  readonly field?: string;
}

/** The object a refusal is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural in most refusals (`pods`), the kind in `Invalid`. */
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A refusal as `metav1.Status` words it; thrown by whatever answers a request. */
export class StatusError extends Error {
  readonly code: number;
  /** `NotFound`, `Forbidden`; empty where the API server gives none. */
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** The `Status` object of a refusal. */
export function statusBody({ code, reason, message, details }: StatusError): EditableObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details: JSON.parse(JSON.stringify(details)) as EditableObject }),
    code,
  };
}

/** Answers with a refusal. */
export function sendStatus(response: ServerResponse, error: StatusError): void {
  const text = `${JSON.stringify(statusBody(error))}\n`;
  const retry = error.details?.retryAfterSeconds;
  if (retry !== undefined) response.setHeader('retry-after', String(retry));
  response.writeHead(error.code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with a refusal where an upgrade was asked for. */
export function refuseUpgrade(socket: Duplex, error: StatusError): void {
  const text = `${JSON.stringify(statusBody(error))}\n`;
  const retry = error.details?.retryAfterSeconds;
  const lines = [
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(retry === undefined ? [] : [`Retry-After: ${retry}`]),
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

export function notFound(resource: string, group: string, name: string): StatusError {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return new StatusError(404, 'NotFound', `${qualified} "${name}" not found`, {
    name,
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

/** What a server says to a path behind which no resource is. */
export function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(resource: string, group: string, name: string): StatusError {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return new StatusError(409, 'AlreadyExists', `${qualified} "${name}" already exists`, {
    name,
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

/** A write on top of a version that is no longer the last. */
export function conflict(resource: string, group: string, name: string): StatusError {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified} "${name}": ${why}`, {
    name,
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

/** `causes` say what is wrong; the message lists them. */
export function invalid(kind: string, group: string, name: string, causes: readonly StatusCause[]): StatusError {
  const qualified = group === '' ? kind : `${kind}.${group}`;
  const said = causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const list = said.length === 1 ? said.join('') : `[${said.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${list}`, {
    name,
    ...(group === '' ? {} : { group }),
    kind,
    causes,
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}
