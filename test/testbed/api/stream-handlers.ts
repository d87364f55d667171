import type { PodRuntime, Store } from '../seams.ts';
import { accessReviews } from './access-review.ts';
import { execHandler } from './exec.ts';
import type { ExecProtocol } from './exec-status.ts';
import type { Handlers, ResponseHandler, UpgradeHandler } from './handlers.ts';
import type { InterruptionOf } from './interruption.ts';
import { logHandler } from './log.ts';
import { podProxyHandler } from './pod-proxy.ts';
import type { Authorizer } from './rbac.ts';
import { badRequest, refuseUpgrade, StatusError, sendStatus } from './status.ts';

export interface StreamOptions {
  readonly store: Pick<Store, 'get' | 'subscribe'>;
  readonly runtime: PodRuntime;
  readonly authorizer: Authorizer;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether exec demands `create` besides `get`, as Kubernetes does since 1.35; true unless given. */
  readonly execNeedsCreate?: boolean;
  /** What exec speaks; versions 5 and 4 unless given. */
  readonly protocols?: readonly ExecProtocol[];
  readonly interruption?: InterruptionOf;
}

export interface StreamHandlers extends Handlers {
  /** Breaks off what is upgraded; the server that listens does not know of it. */
  readonly close: () => void;
}

/** Everything of the API that is no object: exec, logs, the way to a pod's port, and what somebody may do. */
export function streamHandlers(options: StreamOptions): StreamHandlers {
  const { store, runtime, authorizer, now, execNeedsCreate = true, interruption } = options;
  const exec = execHandler({
    store,
    runtime,
    authorize: authorizer.authorize,
    needsCreate: execNeedsCreate,
    protocols: options.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    ...(interruption === undefined ? {} : { interruption }),
  });
  return {
    responses: {
      log: answering(logHandler({ store, runtime, now })),
      proxy: answering(podProxyHandler({ store, runtime })),
      exec: answering(() => {
        throw badRequest('Upgrade request required');
      }),
    },
    upgrades: { exec: refusing(exec.accept) },
    reviews: accessReviews(authorizer),
    close: exec.close,
  };
}

function answering(handler: ResponseHandler): ResponseHandler {
  return async (info, request, response) => {
    try {
      await handler(info, request, response);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      sendStatus(response, error);
    }
  };
}

function refusing(handler: UpgradeHandler): UpgradeHandler {
  return async (info, request, socket, head) => {
    try {
      await handler(info, request, socket, head);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      refuseUpgrade(socket, error);
    }
  };
}
