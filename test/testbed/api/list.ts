import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { type AnswerForm, listInForm } from './answer-form.ts';
import { shownAs } from './event-shapes.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { isMap, nameOf, namespaceOf } from './metadata.ts';
import { selectorOf } from './selectors.ts';
import { badRequest, expired } from './status.ts';
import type { ObjectStore } from './store.ts';

/** Where the next page begins. */
interface Continuation {
  /** resourceVersion of the list. */
  readonly version: number;
  /** Namespace and name of the last object that was sent. */
  readonly after: string;
}

/** Answers lists page by page, all pages of one list from the same moment. */
export interface Lister {
  readonly list: (info: RequestInfo, resource: ResourceKind, form: AnswerForm) => EditableObject;
}

const TOO_OLD_TOKEN =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';
const KEPT_LISTS = 64;

/** `now` is epoch milliseconds. */
export function createLister(store: ObjectStore, now: () => number): Lister {
  /** Lists that are not read to their end, by kind and resourceVersion. */
  const unfinished = new Map<string, readonly KubeObject[]>();
  return {
    list: (info, resource, form) => {
      const { query } = info;
      const selects = selectorOf(query, resource.kind);
      const token = query.get('continue') ?? '';
      const from = token === '' ? undefined : continuation(token);
      const version = from?.version ?? store.version();
      if (from && store.since(from.version) === undefined) throw expired(TOO_OLD_TOKEN);
      checkVersion(query, store);
      const snapshot = `${resource.kind}@${version}`;
      const all = (from && unfinished.get(snapshot)) ?? store.view(resource.kind);
      const wanted = all.filter(
        (object) =>
          (info.namespace === undefined || resource.scope === 'cluster' || namespaceOf(object) === info.namespace) &&
          selects(object) &&
          (from === undefined || keyOf(object) > from.after),
      );
      const limit = Number(query.get('limit') ?? 0);
      const page = limit > 0 ? wanted.slice(0, limit) : wanted;
      const last = page.at(-1);
      const metadata: EditableObject = { resourceVersion: String(version) };
      if (last !== undefined && page.length < wanted.length) {
        unfinished.set(snapshot, all);
        const [stale] = unfinished.keys();
        if (unfinished.size > KEPT_LISTS && stale !== undefined) unfinished.delete(stale);
        metadata.continue = tokenOf({ version, after: keyOf(last) });
        const isSelected = query.has('labelSelector') || query.has('fieldSelector');
        if (!isSelected) metadata.remainingItemCount = wanted.length - page.length;
      }
      const items = page.map((object) => shownAs(object, resource));
      return listInForm(items, metadata, resource, form, now());
    },
  };
}

/** An exact version that is gone. Not older ones in general: a server may answer those from its cache. */
function checkVersion(query: URLSearchParams, store: ObjectStore): void {
  const asked = query.get('resourceVersion') ?? '';
  if (query.get('resourceVersionMatch') !== 'Exact' || asked === '') return;
  if (store.since(Number(asked)) === undefined) {
    throw expired('The resourceVersion for the provided list is too old.');
  }
}

function keyOf(object: KubeObject): string {
  return `${namespaceOf(object) ?? ''}\u0000${nameOf(object)}`;
}

function tokenOf(continuation: Continuation): string {
  return Buffer.from(JSON.stringify(continuation)).toString('base64url');
}

function continuation(token: string): Continuation {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const { version, after } = isMap(value as KubeObject) ? (value as KubeObject) : {};
    if (typeof version === 'number' && typeof after === 'string') return { version, after };
  } catch {
    // not JSON: refused below, as what has another shape
  }
  throw badRequest('continue key is not valid: illegal base64 data');
}
