import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { podWith } from './fake-runtime.ts';
import { type StreamBench, startBench } from './stream-bench.ts';

const REF = { namespace: 'haptic', pod: 'web-0', container: 'web' };
const AT = Date.parse('2026-01-01T12:00:00.250Z');

let bench: StreamBench;

beforeEach(async () => {
  bench = await startBench();
  for (const [index, text] of ['one', 'two', 'three'].entries())
    bench.runtime.say(REF, { at: AT + index * 1000, text });
});
afterEach(() => bench.close());

async function log(query: string, pod = 'web-0'): Promise<string> {
  const response = await fetch(`${bench.url}/${pod}/log?${query}`);
  const text = await response.text();
  return response.ok ? text : `${response.status} ${JSON.parse(text).message}`;
}

describe('a log', () => {
  it.each([
    ['', 'one\ntwo\nthree\n'],
    ['container=web', 'one\ntwo\nthree\n'],
    ['tailLines=2', 'two\nthree\n'],
    ['tailLines=0', ''],
    ['tailLines=9', 'one\ntwo\nthree\n'],
    ['limitBytes=6', 'one\ntw'],
    ['limitBytes=4', 'one\n'],
    ['tailLines=1&timestamps=true', '2026-01-01T12:00:02.250000000Z three\n'],
    ['sinceTime=2026-01-01T12:00:01.250Z', 'two\nthree\n'],
    ['sinceTime=2026-01-01T12:00:02Z&tailLines=3', 'three\n'],
    ['sinceSeconds=60', ''],
  ])('with %s is %j', async (query, text) => {
    expect(await log(query)).toBe(text);
  });

  it('since so many seconds counts from now', async () => {
    bench.runtime.say(REF, { at: Date.now() - 5_000, text: 'fresh' });
    expect(await log('sinceSeconds=60')).toBe('fresh\n');
  });

  it.each([
    ['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['limitBytes=0', 'limitBytes: Invalid value: 0: must be greater than or equal to 1'],
  ])('with %s is refused', async (query, words) => {
    expect(await log(query)).toBe(`422 PodLogOptions "web-0" is invalid: ${words}`);
  });

  it('of the run before is another one', async () => {
    bench.store.create(podWith('again', { web: 'running' }, ['web']), { manager: 'test' });
    bench.runtime.say({ ...REF, pod: 'again' }, { at: AT, text: 'died' }, true);
    bench.runtime.say({ ...REF, pod: 'again' }, { at: AT, text: 'lives' });
    expect([await log('previous=true', 'again'), await log('', 'again')]).toEqual(['died\n', 'lives\n']);
  });

  it('between two runs is that of the last', async () => {
    bench.store.create(podWith('loops', { web: { waiting: 'CrashLoopBackOff' } }, ['web']), { manager: 'test' });
    bench.runtime.say({ ...REF, pod: 'loops' }, { at: AT, text: 'died' }, true);
    expect([await log('', 'loops'), await log('previous=true', 'loops')]).toEqual(['died\n', 'died\n']);
  });

  it.each([
    ['PodInitializing', 'PodInitializing'],
    ['ErrImagePull', "image can't be pulled"],
    ['ImagePullBackOff', 'trying and failing to pull image'],
  ])('of a container that waits for %s is refused', async (waiting, words) => {
    bench.store.create(podWith('new', { web: { waiting } }), { manager: 'test' });
    expect(await log('', 'new')).toBe(`400 container "web" in pod "new" is waiting to start: ${words}`);
  });

  it.each([
    ['', 'web-9', '404 pods "web-9" not found'],
    ['container=x', 'web-0', '400 container x is not valid for pod web-0'],
    ['previous=true', 'web-0', '400 previous terminated container "web" in pod "web-0" not found'],
  ])('%s of %s is refused', async (query, pod, words) => {
    expect(await log(query, pod)).toBe(words);
  });
});

describe('a log that is followed', () => {
  async function follow(
    query = '',
  ): Promise<{ readonly next: () => Promise<string | undefined>; readonly leave: () => void }> {
    const abort = new AbortController();
    const response = await fetch(`${bench.url}/web-0/log?follow=true&${query}`, { signal: abort.signal });
    const reader = response.body?.getReader();
    return {
      next: async () => {
        const part = await reader?.read();
        return part?.value && Buffer.from(part.value).toString();
      },
      leave: () => abort.abort(),
    };
  }

  it('goes on with what is said later, and ends with the container', async () => {
    const { next } = await follow('tailLines=1');
    expect(await next()).toBe('three\n');
    bench.runtime.say(REF, { at: AT, text: 'four' });
    expect(await next()).toBe('four\n');
    bench.store.update({ ...podWith('web-0', { web: 'terminated' }) }, { manager: 'kubelet', subresource: 'status' });
    expect(await next()).toBeUndefined();
    expect(bench.runtime.followers()).toBe(0);
  });

  it('ends with the pod', async () => {
    const { next } = await follow('tailLines=1');
    await next();
    bench.store.remove({ kind: 'Pod', namespace: 'haptic', name: 'web-0' });
    expect(await next()).toBeUndefined();
  });

  it('ends when its limit is reached', async () => {
    const { next } = await follow('tailLines=0&limitBytes=3');
    bench.runtime.say(REF, { at: AT, text: 'four' });
    expect([await next(), await next()]).toEqual(['fou', undefined]);
  });

  it('is let go when the client leaves', async () => {
    const { leave } = await follow('tailLines=0');
    expect(bench.runtime.followers()).toBe(1);
    leave();
    await vi.waitFor(() => expect(bench.runtime.followers()).toBe(0));
  });
});
