import type { ObjectKey } from '../seams.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { badRequest } from './status.ts';

/** How a client wants its write to be done. */
export interface WriteOptions {
  readonly manager: string;
  readonly effect: 'stored' | 'dry run';
  readonly unknownFields: 'Ignore' | 'Warn' | 'Strict';
  readonly subresource: 'status' | 'scale' | undefined;
}

/** From the query, and the user agent where nobody is named. */
export function writeOptions({ query, headers, subresource }: RequestInfo): WriteOptions {
  const validation = query.get('fieldValidation');
  const dryRun = query.get('dryRun');
  if (dryRun !== null && dryRun !== '' && dryRun !== 'All') throw badRequest(`Invalid value: "${dryRun}": dryRun`);
  const agent = (headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return {
    manager: query.get('fieldManager') || agent,
    effect: dryRun === 'All' ? 'dry run' : 'stored',
    unknownFields: validation === 'Ignore' || validation === 'Strict' ? validation : 'Warn',
    subresource: subresource === 'status' || subresource === 'scale' ? subresource : undefined,
  };
}

/** The stored object that a request is about. */
export function keyOf({ namespace, name = '' }: RequestInfo, { kind, scope }: ResourceKind): ObjectKey {
  return { kind, name, ...(scope === 'cluster' || namespace === undefined ? {} : { namespace }) };
}
