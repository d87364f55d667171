/** How the latest attempt of a master to load its configuration went. */
export type Loading = { readonly result: 'loaded' } | { readonly result: 'failed'; readonly words: string };

/** Follows what a master says on standard error. */
export interface LoadingLog {
  readonly hear: (line: string) => void;
  /** Resolves with the next result that is heard from now on; `failed` when the master ends before. */
  readonly next: () => Promise<Loading>;
  readonly close: () => void;
}

/** Until 3.0 the master says that it failed, from 3.1 on that the worker did which it had made for it. */
const FAILED = /Loading failure!|Failed to load worker|exit-on-failure/;

export function loadingLog(): LoadingLog {
  const waiting = new Set<(loading: Loading) => void>();
  let alerts: string[] = [];
  let over = false;
  const tell = (loading: Loading) => {
    alerts = [];
    for (const resolve of waiting) resolve(loading);
    waiting.clear();
  };
  const words = () => alerts.join('\n') || 'haproxy said nothing';
  return {
    hear: (line) => {
      if (line.startsWith('[ALERT]')) alerts.push(line);
      if (line.includes('Loading success')) tell({ result: 'loaded' });
      else if (FAILED.test(line)) tell({ result: 'failed', words: words() });
    },
    next: () =>
      new Promise((resolve) => {
        if (over) resolve({ result: 'failed', words: 'haproxy has ended' });
        else waiting.add(resolve);
      }),
    close: () => {
      over = true;
      tell({ result: 'failed', words: words() });
    },
  };
}
