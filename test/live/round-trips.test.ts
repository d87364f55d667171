import { describe, expect, it } from 'vitest';
import { execQuery } from '../../src/sources/live/exec-query.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
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

  it('loads what judging needs before anything was answered, and tells once that nothing is left to load', async () => {
    const told: string[] = [];
    const tell = (what: string) => told.includes(what) || told.push(what);
    const now = () => {
      tell('answered');
      return OBSERVED_AT;
    };
    const load = async () => {
      tell('load');
      await Promise.resolve();
      tell('is loaded');
    };
    await gatherFrom({ server: { now }, request: { load, loaded: () => tell('nothing is left to load') } });
    expect(told).toEqual(['load', 'is loaded', 'answered', 'nothing is left to load']);
  });

  it('goes on when something cannot be loaded: whoever needs it will say so', async () => {
    const { snapshot } = await gatherFrom({ request: { load: () => Promise.reject(new Error('no such part')) } });
    expect(snapshot.probes.map(({ complete }) => complete)).toEqual([true, true]);
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
