import { describe, expect, it } from 'vitest';
import { execQuery } from '../../src/sources/live/exec-query.ts';
import { gatherFrom } from './cluster.ts';

describe('the order in which a cluster is asked', () => {
  it('looks into pods before it asks for what only judging needs', async () => {
    const { server } = await gatherFrom();
    const order = server.requests.map(({ verb, kind }) => `${verb} ${kind}`);
    const execs = order.flatMap((what, at) => (what.startsWith('exec') ? [at] : []));
    const later = ['list Service', 'list CSIDriver', 'list ClusterSPIFFEID', 'list Event', 'log Pod'];
    for (const what of later) expect(order.indexOf(what)).toBeGreaterThan(Math.max(...execs));
    for (const what of ['list Pod', 'get ConfigMap', 'list Node', 'list Ingress'])
      expect(order.lastIndexOf(what)).toBeLessThan(Math.min(...execs));
  });

  it('tells once that everything is on its way', async () => {
    let told = 0;
    await gatherFrom({ request: { meanwhile: () => (told += 1) } });
    expect(told).toBe(1);
  });
});

it.each([
  ['its status, also when the server does not take leave', 'status'],
  ['its last line, also when that comes after the status', 'output'],
] as const)('a probe is over with %s', async (_what, execEnding) => {
  const { snapshot } = await gatherFrom({ server: { execEnding } });
  expect(snapshot.probes.map(({ complete }) => complete)).toEqual([true, true]);
  expect(snapshot.notCollected).toEqual([]);
});

it('two long scripts are not taken for each other', () => {
  const script = (letter: string) => letter.repeat(5000);
  const words = (letter: string) => new URLSearchParams(execQuery('c', ['sh', script(letter)])).getAll('command');
  expect(words('a')).toEqual(['sh', script('a')]);
  expect(words('b')).toEqual(['sh', script('b')]);
  expect(words('a')).toEqual(['sh', script('a')]);
});
