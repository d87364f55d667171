import type { ServerResponse } from 'node:http';
import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { type AnswerForm, inForm, table } from './answer-form.ts';
import { shownAs } from './event-shapes.ts';
import type { RequestInfo } from './handlers.ts';
import type { VersionedEvent } from './history.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import { metadataOf, namespaceOf } from './metadata.ts';
import { selectorOf } from './selectors.ts';
import { StatusError, statusBody } from './status.ts';
import type { ObjectStore } from './store.ts';

/** What a watch is about. */
export interface WatchRequest {
  readonly info: RequestInfo;
  readonly resource: ResourceKind;
  readonly form: AnswerForm;
}

/** Streams changes until the client leaves, its `timeoutSeconds` are over, or the server closes the connection. */
export function answerWatch(
  { info, resource, form }: WatchRequest,
  response: ServerResponse,
  store: ObjectStore,
  now: () => number,
): void {
  const { query } = info;
  const selects = selectorOf(query, resource.kind);
  const isWanted = (object: KubeObject) =>
    object.kind === resource.kind &&
    (info.namespace === undefined || resource.scope === 'cluster' || namespaceOf(object) === info.namespace) &&
    selects(object);
  const asked = query.get('resourceVersion') ?? '';
  const wantsState = query.get('sendInitialEvents') === 'true';
  const isFromNow = asked === '' || asked === '0' || wantsState;
  const missed = isFromNow ? [] : store.since(Number(asked));
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  let tables = 0;
  const send = (type: string, object: EditableObject) => response.write(`${JSON.stringify({ type, object })}\n`);
  const show = (object: KubeObject): EditableObject => {
    const shown = shownAs(object, resource);
    if (form.form !== 'table') return inForm(shown, resource, form, now());
    tables += 1;
    const metadata = { resourceVersion: metadataOf(object).resourceVersion ?? '' };
    return table([shown], metadata, resource, form, now(), tables === 1 ? 'with columns' : 'rows only');
  };
  const bookmark = (annotations: EditableObject | undefined) => {
    const metadata = {
      resourceVersion: String(store.version()),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    const object: KubeObject = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
    send('BOOKMARK', form.form === 'table' ? show(object) : object);
  };
  if (missed === undefined) {
    const message = `too old resource version: ${asked} (${store.version()})`;
    send('ERROR', statusBody(new StatusError(410, 'Expired', message)));
    response.end();
    return;
  }
  const pass = (event: Pick<VersionedEvent, 'type' | 'object' | 'before'>) => {
    const now = event.type !== 'DELETED' && isWanted(event.object);
    const before = event.before !== undefined && isWanted(event.before);
    if (now) send(before ? 'MODIFIED' : 'ADDED', show(event.object));
    else if (before) send('DELETED', show(withVersionOf(event.before ?? event.object, event.object)));
  };
  if (isFromNow) for (const object of store.view(resource.kind)) if (isWanted(object)) send('ADDED', show(object));
  if (wantsState) bookmark({ 'k8s.io/initial-events-end': 'true' });
  for (const event of missed) pass(event);
  let seen = store.version();
  const stop = store.subscribe(() => {
    const fresh = store.since(seen) ?? [];
    seen = store.version();
    for (const event of fresh) pass(event);
  });
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timer = seconds > 0 ? setTimeout(end, seconds * 1000).unref() : undefined;
  response.on('close', () => {
    stop();
    clearTimeout(timer);
  });
  function end() {
    if (query.get('allowWatchBookmarks') === 'true') bookmark(undefined);
    response.end();
  }
}

/** What is gone is shown as it was last, with the version of the change that took it away. */
function withVersionOf(object: KubeObject, change: KubeObject): KubeObject {
  const copy = structuredClone(object);
  metadataOf(copy).resourceVersion = metadataOf(change).resourceVersion ?? '';
  return copy;
}
