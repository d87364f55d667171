import type { DialFault } from '../api/dial-fault.ts';
import type { RequestInfo } from '../api/handlers.ts';

/** A way in which a call to the API goes wrong. */
export interface Way {
  /** `429 with Retry-After`: for a test's name. */
  readonly name: string;
  readonly fault: DialFault;
  /** Whether the fault means anything for a request: only an exec has a command to kill. */
  readonly concerns: (info: Pick<RequestInfo, 'subresource'>) => boolean;
  /**
   * What is to be expected of a client that meets it once: it asks `again` and gets its answer, it is told `no` for
   * good, or it has to `give up` because waiting is all there is. Whoever gets half an answer may do either.
   */
  readonly once: 'again' | 'no' | 'give up' | 'either';
}

const always = () => true;
const isExec = ({ subresource }: Pick<RequestInfo, 'subresource'>) => subresource === 'exec';
const isNoExec = ({ subresource }: Pick<RequestInfo, 'subresource'>) => subresource !== 'exec';

/** Every way in which a call can fail, for tests that try them all on every call. */
export const WAYS: readonly Way[] = [
  { name: '401', fault: { fault: 'status', status: 401 }, concerns: always, once: 'no' },
  { name: '403', fault: { fault: 'status', status: 403 }, concerns: always, once: 'no' },
  {
    name: '403 of an admission policy',
    fault: { fault: 'status', status: 403, message: 'admission webhook "exec.example.com" denied the request' },
    concerns: isExec,
    once: 'no',
  },
  { name: '404', fault: { fault: 'status', status: 404 }, concerns: always, once: 'no' },
  { name: '410', fault: { fault: 'status', status: 410 }, concerns: isNoExec, once: 'either' },
  { name: '429', fault: { fault: 'status', status: 429 }, concerns: always, once: 'again' },
  { name: '500', fault: { fault: 'status', status: 500 }, concerns: always, once: 'again' },
  { name: '503', fault: { fault: 'status', status: 503 }, concerns: always, once: 'again' },
  { name: 'reset', fault: { fault: 'reset' }, concerns: always, once: 'again' },
  { name: 'hang', fault: { fault: 'hang' }, concerns: always, once: 'give up' },
  { name: 'garbage', fault: { fault: 'garbage' }, concerns: always, once: 'either' },
  { name: 'truncated', fault: { fault: 'truncated' }, concerns: isNoExec, once: 'either' },
  { name: 'cut at once', fault: { fault: 'cut', bytes: 1 }, concerns: always, once: 'either' },
  { name: 'cut midway', fault: { fault: 'cut', bytes: 200 }, concerns: always, once: 'either' },
  { name: 'exec killed midway', fault: { fault: 'kill', bytes: 200 }, concerns: isExec, once: 'either' },
];
