import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../seams.ts';

/** Whom a request comes from, after authentication and impersonation. */
export interface UserInfo {
  /** `jane`, `system:serviceaccount:haptic:default`. */
  readonly user: string;
  /** With `system:authenticated` for everybody who is known. */
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A request as the API server understands it. */
export interface RequestInfo extends UserInfo {
  /**
   * Of a resource: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
   * Otherwise the HTTP method in lower case.
   */
  readonly verb: string;
  /** `GET`; tells exec over WebSocket (GET) from exec over SPDY (POST). */
  readonly method: string;
  /** Empty for the core group and for what is no resource. */
  readonly group: string;
  readonly version: string;
  /** Plural, `pods`; empty for what is no resource: `/version`, discovery, `/healthz`. */
  readonly resource: string;
  /** `exec`, `log`, `proxy`, `status`, `scale`. */
  readonly subresource?: string;
  readonly namespace?: string;
  /** Of a pod's proxy with its port, as in the path: `haptic-haproxy-0:8404`. */
  readonly name?: string;
  /** What follows `proxy` in the path, with its slash: `/metrics`. */
  readonly rest?: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** A request that came in, and what became of it. */
export interface RecordedRequest extends RequestInfo {
  /** Epoch milliseconds. */
  readonly at: number;
  /** HTTP status of the answer; 101 after an upgrade; undefined as long as there is none, and after a reset. */
  readonly status?: number;
}

/** What a user asks to be allowed. */
export type AuthorizationRequest = UserInfo &
  (
    | {
        readonly about: 'resource';
        readonly verb: string;
        readonly group: string;
        readonly resource: string;
        readonly subresource?: string;
        readonly namespace?: string;
        readonly name?: string;
      }
    | {
        readonly about: 'path';
        /** HTTP method in lower case. */
        readonly verb: string;
        readonly path: string;
      }
  );

/** `reason` is an authorizer's remark behind the refusal, not the whole message. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason?: string };

export type Authorize = (request: AuthorizationRequest) => Decision;

/** Answers a request on a subresource that is no object: `log`, `proxy`. The request has been authorized. */
export type ResponseHandler = (
  info: RequestInfo,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void;

/** Takes over a connection that wants to be upgraded: `exec`. The request has been authorized. */
export type UpgradeHandler = (
  info: RequestInfo,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => Promise<void> | void;

/** Answers a review: the object that was posted, with its status. A `StatusError` that it throws becomes the answer. */
export type ReviewHandler = (info: RequestInfo, review: KubeObject) => Promise<KubeObject> | KubeObject;

/** By what follows the name in the path, and by the plural of what is created. What is absent is answered with 404. */
export interface Handlers {
  /** Pods' GET subresources: `log`, and any method on `proxy`. Also plain (not upgraded) requests on `exec`. */
  readonly responses: Readonly<Record<string, ResponseHandler>>;
  /** Pods' upgraded subresources: `exec`, `attach`, `portforward`. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** `selfsubjectaccessreviews`, `selfsubjectrulesreviews`. */
  readonly reviews: Readonly<Record<string, ReviewHandler>>;
}

/** Where an answer goes. */
export type Outlet =
  | { readonly to: 'response'; readonly response: ServerResponse }
  | { readonly to: 'socket'; readonly socket: Duplex };

/**
 * Comes between a request and its answer. Called once per request, after authentication and before authorization.
 * `answered`: it has answered (a status, garbage), or has seen to it that nobody will (a reset, a hang).
 * To cut an answer short it replaces `write` and `end` of the outlet and says `go on`.
 */
export type Interference = (
  info: RequestInfo,
  request: IncomingMessage,
  outlet: Outlet,
) => Promise<'go on' | 'answered'>;
