import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Editable, EditableObject } from '../../scenario/field-edit.ts';
import { answerForm, inForm, listInForm } from './answer-form.ts';
import { tokenOf } from './credentials.ts';
import { deleteCollection, deleteObject } from './delete-object.ts';
import { shownAs } from './event-shapes.ts';
import type { Handlers, RequestInfo } from './handlers.ts';
import { jsonText } from './json-text.ts';
import { apiVersionOf, type ResourceKind } from './kinds.ts';
import type { Lister } from './list.ts';
import { patchObject } from './patch-object.ts';
import { parseObject, readBody } from './request-body.ts';
import { answerScale } from './scale.ts';
import { methodNotAllowed, noSuchPath, notFound } from './status.ts';
import type { ObjectStore } from './store.ts';
import { answerWatch } from './watch.ts';
import { createObject, updateObject, type Written } from './write.ts';
import { keyOf } from './write-options.ts';

/** What answers are made from. */
export interface Answering {
  readonly store: ObjectStore;
  readonly lister: Lister;
  readonly handlers: Handlers;
  readonly now: () => number;
}

/** Answers an authorized request for a resource that is served. Throws a `StatusError` for a refusal. */
export async function answerResource(
  answering: Answering,
  info: RequestInfo,
  resource: ResourceKind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store, lister, handlers, now } = answering;
  const { subresource } = info;
  const handler = handlers.responses[subresource ?? ''];
  if (subresource !== undefined && handler && resource.kind === 'Pod') return handler(info, request, response);
  if (subresource !== undefined && !resource.subresources.includes(subresource)) throw noSuchPath();
  if (resource.storage === 'none') return answerReview(answering, info, resource, request, response);
  if (subresource === 'scale') {
    const body = info.verb === 'get' ? undefined : await readBody(request);
    return sendJson(response, 200, answerScale(store, info, resource, body));
  }
  if (subresource === 'eviction' || subresource === 'token')
    return answerPost(answering, info, resource, request, response);
  const form = answerForm(info.headers.accept, info.query);
  const show = ({ object, code, warnings }: Written) => {
    for (const warning of warnings) response.appendHeader('warning', `299 - ${JSON.stringify(warning)}`);
    sendJson(response, code, inForm(shownAs(object, resource), resource, form, now()));
  };
  if (info.verb === 'list') return sendJson(response, 200, lister.list(info, resource, form));
  if (info.verb === 'watch') return answerWatch({ info, resource, form }, response, store, now);
  if (info.verb === 'get') {
    const object = store.uncopied.get(keyOf(info, resource));
    if (!object) throw notFound(resource.plural, resource.group, info.name ?? '');
    return show({ object, code: 200, warnings: [] });
  }
  const body = await readBody(request);
  if (info.verb === 'patch') return show(patchObject(store, info, resource, body, now()));
  if (info.verb === 'create' && info.name === undefined)
    return show(createObject(store, info, resource, parseObject(body)));
  if (info.verb === 'update') return show(updateObject(store, info, resource, parseObject(body)));
  const options: Editable = body.bytes.length === 0 ? {} : parseObject(body);
  if (info.verb === 'delete') return sendJson(response, 200, deleteObject(store, info, resource, options, now()));
  if (info.verb !== 'deletecollection') throw methodNotAllowed();
  const gone = deleteCollection(store, info, resource, options, now());
  sendJson(response, 200, listInForm(gone, { resourceVersion: String(store.version()) }, resource, form, now()));
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: EditableObject,
  type = 'application/json',
): void {
  const text = `${jsonText(body)}\n`;
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function answerReview(
  { handlers }: Answering,
  info: RequestInfo,
  resource: ResourceKind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (info.verb !== 'create') throw methodNotAllowed();
  const review = parseObject(await readBody(request));
  if (resource.kind === 'SelfSubjectReview') {
    const { user, groups, uid, extra } = info;
    const userInfo: EditableObject = {
      username: user,
      groups: [...groups],
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra: structuredClone(extra) as EditableObject }),
    };
    return sendJson(response, 201, {
      ...review,
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      status: { userInfo },
    });
  }
  const handler = handlers.reviews[resource.plural];
  if (!handler) throw noSuchPath();
  sendJson(response, 201, await handler(info, review));
}

/** Subresources that are only posted: a pod's eviction (no budget is looked at), a ServiceAccount's token. */
async function answerPost(
  { store, now }: Answering,
  info: RequestInfo,
  resource: ResourceKind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (info.verb !== 'create') throw methodNotAllowed();
  const sent = parseObject(await readBody(request));
  if (info.subresource === 'eviction') {
    deleteObject(store, info, resource, sent.deleteOptions ?? {}, now());
    return sendJson(response, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }
  if (!store.get(keyOf(info, resource))) throw notFound(resource.plural, resource.group, info.name ?? '');
  const token = tokenOf(`system:serviceaccount:${info.namespace}:${info.name}`);
  const expirationTimestamp = new Date(now() + 3_600_000).toISOString();
  sendJson(response, 201, { ...sent, status: { token, expirationTimestamp } });
}
