import { dig, isObject, type Json, type JsonObject, listAt, textAt } from '../../evidence/json.ts';
import type { RbacRule } from '../../evidence/reading.ts';
import type { Caller, CallResult } from './call.ts';
import { type Refusal, refusedByFailure, refusedByStatus } from './refusal.ts';
import { pathOf, type Resource } from './resources.ts';

const PAGE = 500;
const MAX_PAGES = 200;
const MAX_BYTES = 64 * 2 ** 20;

/** What a list brought; with a refusal there may be more than these. */
export interface ListAnswer<T> {
  readonly objects: readonly T[];
  readonly refusal?: Refusal;
  readonly status: number;
}

export type GetAnswer =
  | { readonly state: 'found'; readonly body: JsonObject }
  | { readonly state: 'missing' }
  | { readonly state: 'refused'; readonly refusal: Refusal; readonly status: number };

/**
 * Lists a kind page by page, and keeps of each object what `take` makes of it. A list that the server has forgotten
 * meanwhile (410) begins anew, once.
 */
export async function listObjects<T>(
  caller: Caller,
  resource: Resource,
  namespace: string | undefined,
  take: (object: JsonObject) => T,
): Promise<ListAnswer<T>> {
  const rule = ruleFor('list', resource, namespace);
  let objects: T[] = [];
  let token = '';
  let restarted = false;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = `limit=${PAGE}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
    const result = await caller.call(`${pathOf(resource, namespace)}?${query}`, {
      kind: 'list',
      maxBytes: MAX_BYTES,
      json: true,
    });
    if (result.state === 'response' && result.status === 410 && token !== '' && !restarted) {
      [objects, token, restarted] = [[], '', true];
      continue;
    }
    const answer = bodyOf(result, caller, rule);
    if (answer.refusal) return { objects, refusal: answer.refusal, status: answer.status };
    if (!isObject(answer.body) || !Array.isArray(answer.body.items))
      return { objects, refusal: garbled(), status: answer.status };
    for (const item of listAt(answer.body.items)) {
      if (isObject(item)) objects.push(take(typed(item, resource)));
    }
    token = textAt(dig(answer.body, 'metadata', 'continue')) ?? '';
    if (token === '') return { objects, status: answer.status };
  }
  return {
    objects,
    refusal: { why: 'truncated', detail: `there are more than ${PAGE * MAX_PAGES} ${resource.plural}` },
    status: 200,
  };
}

export async function getObject(
  caller: Caller,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): Promise<GetAnswer> {
  const path = pathOf(resource, namespace, name);
  const result = await caller.call(path, { kind: 'other', maxBytes: MAX_BYTES, json: true });
  if (result.state === 'response' && result.status === 404) return { state: 'missing' };
  const answer = bodyOf(result, caller, { ...ruleFor('get', resource, namespace), name });
  if (answer.refusal) return { state: 'refused', refusal: answer.refusal, status: answer.status };
  if (!isObject(answer.body)) return { state: 'refused', refusal: garbled(), status: answer.status };
  return { state: 'found', body: typed(answer.body, resource) };
}

/** How the server serves a group. */
export type GroupAnswer =
  | { readonly state: 'served'; readonly versions: readonly string[] }
  | { readonly state: 'not-served' }
  | { readonly state: 'refused'; readonly refusal: Refusal };

export async function askForGroup(caller: Caller, group: string): Promise<GroupAnswer> {
  const result = await caller.call(`/apis/${group}`, { kind: 'other', maxBytes: MAX_BYTES, json: true });
  if (result.state === 'response' && result.status === 404) return { state: 'not-served' };
  const answer = bodyOf(result, caller, { verb: 'get', group, resource: '*' });
  if (answer.refusal) return { state: 'refused', refusal: answer.refusal };
  return {
    state: 'served',
    versions: listAt(dig(answer.body, 'versions')).flatMap((entry) => textAt(dig(entry, 'version')) ?? []),
  };
}

/** `v1.34.2`: the server as it calls itself; undefined when it does not say. */
export async function serverVersion(caller: Caller): Promise<string | undefined> {
  const result = await caller.call('/version', { kind: 'other', maxBytes: 2 ** 20, json: true });
  return result.state === 'response' ? textAt(dig(result.json, 'gitVersion')) : undefined;
}

function ruleFor(verb: string, { group, plural }: Resource, namespace: string | undefined): RbacRule {
  return { verb, group, resource: plural, ...(namespace === undefined ? {} : { namespace }) };
}

function bodyOf(
  result: CallResult,
  caller: Caller,
  rule: RbacRule,
): { body?: Json; refusal?: Refusal; status: number } {
  if (result.state === 'failure')
    return { refusal: refusedByFailure(result.failure, caller.budget.stopped()), status: 0 };
  const { status, body } = result;
  if (status < 200 || status > 299) return { refusal: refusedByStatus(status, body, rule), status };
  return result.json === undefined ? { refusal: garbled(), status } : { body: result.json, status };
}

/** Items of a list do not say what they are. */
function typed(item: JsonObject, { kind, group, version }: Resource): JsonObject {
  return { ...item, kind, apiVersion: group === '' ? version : `${group}/${version}` };
}

function garbled(): Refusal {
  return { why: 'server-error', detail: 'what the API server answered is not what was asked for' };
}
