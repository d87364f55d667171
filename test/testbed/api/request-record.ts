import type { Outlet, RecordedRequest, RequestInfo } from './handlers.ts';

/** Keeps the request, and later the status of its answer. */
export function record(requests: RecordedRequest[], info: RequestInfo, outlet: Outlet, at: number): void {
  const index = requests.push({ ...info, at }) - 1;
  if (outlet.to === 'socket') {
    const before = requests[index];
    if (before) requests[index] = { ...before, status: 101 };
    return;
  }
  outlet.response.on('finish', () => {
    const before = requests[index];
    if (before) requests[index] = { ...before, status: outlet.response.statusCode };
  });
}
