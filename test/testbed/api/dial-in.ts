import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type DialFault, statusOfFault } from './dial-fault.ts';
import type { Interference, Outlet, RequestInfo } from './handlers.ts';
import type { Interruption, InterruptionOf } from './interruption.ts';
import { cutBody, halveBody } from './shortened-response.ts';
import { refuseUpgrade, sendStatus } from './status.ts';

/** Requests that are meant: all that is given has to be so. */
export type Match =
  | Partial<Pick<RequestInfo, 'verb' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'path' | 'user'>>
  | ((info: RequestInfo) => boolean);

/** A fault that struck. */
export interface Hit {
  readonly info: RequestInfo;
  readonly fault: DialFault;
}

/** What a test turns to make the API fail. */
export interface Dial {
  /** Of several faults that match, the one dialled last strikes. `times`: the first so many requests; always unless given. Returns how to end it. */
  readonly fail: (match: Match, fault: DialFault, times?: number) => () => void;
  /** Every answer takes so many milliseconds longer. */
  readonly latency: (milliseconds: number) => void;
  /** Neither faults nor latency from here on; what hangs keeps hanging. */
  readonly clear: () => void;
  readonly hits: readonly Hit[];
}

export interface DialIn {
  readonly dial: Dial;
  readonly interfere: Interference;
  /** What is to happen in the middle of an exec that was let through. */
  readonly interruption: InterruptionOf;
}

interface Dialled {
  readonly match: (info: RequestInfo) => boolean;
  readonly fault: DialFault;
  left: number;
}

const GARBAGE = '<html><head><title>Sign in</title></head><body>Bad gateway</body></html>\n';

/** Faults and latency that come between requests and their answers. `onHit` hears of a fault before it strikes. */
export function dialIn(onHit?: (hit: Hit) => void): DialIn {
  let dialled: readonly Dialled[] = [];
  let latency = 0;
  const hits: Hit[] = [];
  const interruptions = new WeakMap<IncomingMessage, Interruption>();

  const strike = (info: RequestInfo): DialFault | undefined => {
    const struck = dialled.findLast(({ match, left }) => left > 0 && match(info));
    if (struck === undefined) return undefined;
    struck.left -= 1;
    const hit = { info, fault: struck.fault };
    hits.push(hit);
    onHit?.(hit);
    return struck.fault;
  };

  return {
    dial: {
      fail: (match, fault, times = Number.POSITIVE_INFINITY) => {
        const entry = { match: typeof match === 'function' ? match : matching(match), fault, left: times };
        dialled = [...dialled, entry];
        return () => {
          dialled = dialled.filter((other) => other !== entry);
        };
      },
      latency: (milliseconds) => {
        latency = milliseconds;
      },
      clear: () => {
        dialled = [];
        latency = 0;
      },
      hits,
    },
    interfere: async (info, request, outlet) => {
      const fault = strike(info);
      if (latency > 0) await delay(latency);
      if (fault === undefined) return 'go on';
      if (outlet.to === 'response') return spoil(fault, info, outlet);
      if (fault.fault === 'truncated') interruptions.set(request, { how: 'cut', afterBytes: 10 });
      else if (fault.fault === 'cut' || fault.fault === 'kill')
        interruptions.set(request, { how: fault.fault, afterBytes: fault.bytes });
      else return spoil(fault, info, outlet);
      return 'go on';
    },
    interruption: (request) => interruptions.get(request),
  };
}

function spoil(fault: DialFault, info: RequestInfo, outlet: Outlet): 'go on' | 'answered' {
  switch (fault.fault) {
    case 'status':
      if (outlet.to === 'response') sendStatus(outlet.response, statusOfFault(fault, info));
      else refuseUpgrade(outlet.socket, statusOfFault(fault, info));
      return 'answered';
    case 'reset':
      (outlet.to === 'response' ? outlet.response : outlet.socket).destroy();
      return 'answered';
    case 'hang':
      return 'answered';
    case 'garbage':
      talkGarbage(outlet);
      return 'answered';
    case 'truncated':
      if (outlet.to === 'response') halveBody(outlet.response);
      return 'go on';
    case 'cut':
    case 'kill':
      if (outlet.to === 'response') cutBody(outlet.response, fault.bytes);
      return 'go on';
  }
}

function talkGarbage(outlet: Outlet): void {
  if (outlet.to === 'response') {
    outlet.response.writeHead(200, { 'content-type': 'text/html' });
    outlet.response.end(GARBAGE);
    return;
  }
  const head = ['HTTP/1.1 200 OK', 'Content-Type: text/html', `Content-Length: ${GARBAGE.length}`, 'Connection: close'];
  outlet.socket.end(`${head.join('\r\n')}\r\n\r\n${GARBAGE}`);
}

function matching(wanted: Exclude<Match, (info: RequestInfo) => boolean>): (info: RequestInfo) => boolean {
  const given: Readonly<Record<string, unknown>> = { ...wanted };
  return (info) => {
    const seen: Readonly<Record<string, unknown>> = { ...info };
    return Object.keys(given).every((key) => given[key] === seen[key]);
  };
}
