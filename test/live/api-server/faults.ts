/** One request as the server saw it. */
export interface ApiRequest {
  /** `list`, `get`, `log`, `exec`, or `other` for `/version` and discovery. */
  readonly verb: 'list' | 'get' | 'log' | 'exec' | 'other';
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** How many requests of the same verb and path came before. */
  readonly before: number;
}

/** What goes wrong instead of an answer. */
export type Fault =
  | { readonly fault: 'status'; readonly status: number; readonly message?: string; readonly retryAfter?: string }
  /** The connection ends without an answer. */
  | { readonly fault: 'reset' }
  /** No answer until the server is closed. */
  | { readonly fault: 'hang' }
  /** The promised length never comes. */
  | { readonly fault: 'half' }
  /** A whole answer that breaks off in the middle of its JSON. */
  | { readonly fault: 'cut-json' }
  | { readonly fault: 'garbage' }
  /** Ends an exec's output after so many bytes, without a status. */
  | { readonly fault: 'cut-exec'; readonly bytes: number };

export type FaultFor = (request: ApiRequest) => Fault | undefined;

/** 403 as the API server's authorizer words it. */
export function forbidden(request: ApiRequest): Fault {
  const verb = request.verb === 'exec' ? 'create' : request.verb === 'log' ? 'get' : request.verb;
  const resource = request.path.split('/').includes('exec') ? 'pods/exec' : request.kind.toLowerCase();
  return { fault: 'status', status: 403, message: `User "jane" cannot ${verb} resource "${resource}"` };
}
