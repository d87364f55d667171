import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { execPath, type StreamBench, startBench } from './stream-bench.ts';

const REF = { namespace: 'haptic', pod: 'web-0', container: 'web' };
const TEXT = 'a line that is long enough\n';

let bench: StreamBench;

beforeEach(async () => {
  bench = await startBench();
  bench.runtime.say(REF, { at: 0, text: TEXT.trim() });
});
afterEach(() => bench.close());

const log = () => fetch(`${bench.url}/web-0/log`);
const logText = async () => (await log()).text();

describe('a fault that is dialled', () => {
  it.each([
    [401, 'Unauthorized', 'Unauthorized'],
    [
      403,
      'Forbidden',
      'pods "web-0" is forbidden: User "root" cannot get resource "pods/log" in API group "" in the namespace "haptic"',
    ],
    [404, 'NotFound', 'the server could not find the requested resource'],
    [410, 'Expired', 'The provided continue parameter is too old to display a consistent list result.'],
    [429, 'TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
    [500, 'InternalError', 'Internal error occurred: etcdserver: request timed out'],
    [503, 'ServiceUnavailable', 'the server is currently unable to handle the request'],
  ] as const)('answers with %s', async (status, reason, message) => {
    bench.dial.fail({ subresource: 'log' }, { fault: 'status', status });
    const response = await log();
    expect(await response.json()).toMatchObject({ kind: 'Status', code: status, reason, message });
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
  });

  it('has the words and the waiting time that it is given', async () => {
    bench.dial.fail({}, { fault: 'status', status: 503, message: 'busy', retryAfter: 7 });
    const response = await log();
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toMatchObject({ message: 'busy' });
  });

  it('strikes as often as it was told, and only what matches', async () => {
    bench.dial.fail({ subresource: 'log', name: 'other' }, { fault: 'reset' });
    bench.dial.fail(({ verb }) => verb === 'get', { fault: 'status', status: 500 }, 2);
    const statuses = [(await log()).status, (await log()).status, (await log()).status];
    expect(statuses).toEqual([500, 500, 200]);
    expect(bench.dial.hits.map(({ info, fault }) => [info.name, fault.fault])).toEqual([
      ['web-0', 'status'],
      ['web-0', 'status'],
    ]);
  });

  it('ends when it is taken back, and the one before it strikes again', async () => {
    bench.dial.fail({}, { fault: 'status', status: 500 });
    const takeBack = bench.dial.fail({}, { fault: 'status', status: 503 });
    const statuses = [(await log()).status];
    takeBack();
    statuses.push((await log()).status);
    bench.dial.clear();
    statuses.push((await log()).status);
    expect(statuses).toEqual([503, 500, 200]);
  });

  it('resets the connection', async () => {
    bench.dial.fail({}, { fault: 'reset' });
    await expect(log()).rejects.toThrow('fetch failed');
  });

  it('leaves the client without an answer', async () => {
    bench.dial.fail({}, { fault: 'hang' });
    const abort = new AbortController();
    const waiting = fetch(`${bench.url}/web-0/log`, { signal: abort.signal });
    await vi.waitFor(() => expect(bench.dial.hits).toHaveLength(1));
    abort.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });

  it('answers with a page of HTML', async () => {
    bench.dial.fail({}, { fault: 'garbage' });
    const response = await log();
    expect([response.status, (await response.text()).slice(0, 6)]).toEqual([200, '<html>']);
  });

  it('ends an answer in the middle as if that were all', async () => {
    bench.dial.fail({}, { fault: 'truncated' });
    expect(await logText()).toBe(TEXT.slice(0, 13));
    const list = await (await fetch(bench.url)).text();
    expect(list).toBe('{"kind":"List');
  });

  it('breaks an answer off after so many bytes', async () => {
    bench.dial.fail({}, { fault: 'cut', bytes: 5 });
    const response = await log();
    const read = response.body?.getReader();
    expect(Buffer.from((await read?.read())?.value ?? []).toString()).toBe('a lin');
    await expect(read?.read()).rejects.toThrow('terminated');
  });

  it('lets through what is shorter than the cut', async () => {
    bench.dial.fail({}, { fault: 'cut', bytes: 500 });
    expect(await logText()).toBe(TEXT);
  });

  it('makes every answer late', async () => {
    bench.dial.latency(40);
    const start = performance.now();
    await logText();
    expect(performance.now() - start).toBeGreaterThanOrEqual(39);
  });
});

describe('a fault that is dialled for exec', () => {
  const path = execPath('web-0', ['sh', '-c', 'echo 0123456789; exec sleep 600']);

  it('refuses the upgrade', async () => {
    bench.dial.fail({ subresource: 'exec' }, { fault: 'status', status: 429 });
    const end = await bench.exec(path);
    expect([end.ended, end.status?.reason]).toEqual([429, 'TooManyRequests']);
  });

  it.each([
    ['reset', 0],
    ['garbage', 200],
  ] as const)('%s ends it before it began', async (fault, ended) => {
    bench.dial.fail({ subresource: 'exec' }, { fault });
    expect(await bench.exec(path)).toMatchObject({ stdout: '', ended });
    expect(bench.runtime.running()).toBe(0);
  });

  it('cuts it without a status', async () => {
    bench.dial.fail({ subresource: 'exec' }, { fault: 'cut', bytes: 4 });
    expect(await bench.exec(path)).toEqual({ stdout: '0123', stderr: '', ended: 1006 });
    await vi.waitFor(() => expect(bench.runtime.running()).toBe(0));
  });

  it('kills its command, and the client is told', async () => {
    bench.dial.fail({ subresource: 'exec' }, { fault: 'kill', bytes: 4 });
    const { stdout, status, ended } = await bench.exec(path);
    expect([stdout, ended]).toEqual(['0123', 1000]);
    expect(status).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '137' }] } });
    expect(bench.runtime.running()).toBe(0);
  });
});
