import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Breaks the connection off after so many bytes of the body. */
export function cutBody(response: ServerResponse, bytes: number): void {
  let left = bytes;
  takeOver(response, (part, { write }) => {
    const sent = part.subarray(0, left);
    left -= sent.length;
    if (left > 0) {
      write(sent);
      return 'goes on';
    }
    write(sent, () => response.destroy());
    return 'over';
  });
}

/** Sends half of the first part of the body and ends properly. */
export function halveBody(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  const halved = (status: number, headers: OutgoingHttpHeaders = {}) => {
    const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
    response.removeHeader('content-length');
    return writeHead(status, Object.fromEntries(kept));
  };
  Object.assign(response, { writeHead: halved });
  takeOver(response, (part, { end }) => {
    end(part.subarray(0, Math.floor(part.length / 2)));
    return 'over';
  });
}

/** The response as it was. */
interface Original {
  readonly write: (part: Buffer, done?: () => void) => void;
  readonly end: (part: Buffer) => void;
}

/** Lets every part of the body that is not empty go through `each`; after `over` nothing more is sent. */
function takeOver(response: ServerResponse, each: (part: Buffer, original: Original) => 'goes on' | 'over'): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const original: Original = { write: (part, done) => write(part, () => done?.()), end: (part) => end(part) };
  let over = false;
  const pass = (chunk: unknown) => {
    if (over || (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) || chunk.length === 0) return;
    over = each(Buffer.from(chunk), original) === 'over';
  };
  Object.assign(response, {
    write: (chunk: unknown) => {
      pass(chunk);
      return true;
    },
    end: (chunk?: unknown) => {
      pass(chunk);
      if (!over) end();
      over = true;
      return response;
    },
  });
}
