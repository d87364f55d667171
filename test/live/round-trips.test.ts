import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { execQuery } from '../../src/sources/live/exec-query.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
import type { ApiRequest } from './api-server/faults.ts';
import { gatherFrom } from './cluster.ts';

/** All that probes wait for besides the list of pods. */
const BEFORE_PODS = [
  'list Deployment',
  'list DaemonSet',
  'list ReplicaSet',
  'list StatefulSet',
  'list HAProxyTemplateConfig',
  'list HAProxyCfg',
  'list Node',
  'list Ingress',
  'haptic-spiffe-helper-config',
  'haptic-spiffe-validation-certs',
];

describe('the order in which a cluster is asked', () => {
  it('looks into pods before it asks for what only judging needs', async () => {
    const { server } = await gatherFrom();
    const order = server.requests.map(({ verb, kind }) => `${verb} ${kind}`);
    const execs = order.flatMap((what, at) => (what.startsWith('exec') ? [at] : []));
    const later = ['list Service', 'list CSIDriver', 'list ClusterSPIFFEID', 'list Event', 'log Pod'];
    for (const what of later) expect(order.indexOf(what)).toBeGreaterThan(Math.max(...execs));
  });

  it.each([
    [
      'ConfigMaps that pods mount',
      'list Deployment',
      ['haptic-spiffe-helper-config', 'haptic-spiffe-validation-certs'],
    ],
    ['what may excuse a pod', 'list Deployment', ['list Node', 'list Ingress']],
    ['pods what they have', 'spire-agent', ['exec Pod']],
  ])('asks %s without waiting for %s', async (_what, held, wanted) => {
    const asked = new Set<string>();
    const everything = Promise.withResolvers<void>();
    const { snapshot } = await gatherFrom({
      server: {
        onRequest: (request) => {
          asked.add(nameOf(request));
          if (wanted.every((name) => asked.has(name))) everything.resolve();
        },
        // Were these asked for later, it would never be answered.
        hold: (request) => (nameOf(request) === held ? everything.promise : undefined),
      },
    });
    const { snapshot: usual } = await gatherFrom();
    expect(asked).toContain(held);
    expect({ ...snapshot, source: usual.source }).toEqual(usual);
  });

  it.each(BEFORE_PODS)('looks into no pod before the answer to %s', async (held) => {
    const asked = new Set<string>();
    const others = allOf(BEFORE_PODS.filter((name) => name !== held));
    const looked: boolean[] = [];
    await gatherFrom({
      server: {
        onRequest: (request) => asked.add(nameOf(request)),
        onAnswered: (request) => others.tell(nameOf(request)),
        hold: async (request) => {
          if (nameOf(request) !== held) return;
          await others.all;
          looked.push(asked.has('exec Pod'));
        },
      },
    });
    expect(looked).toEqual([false]);
    expect(asked).toContain('exec Pod');
  });

  it('waits for ConfigMaps of SPIRE in the end', async () => {
    const request = { items: ['spire'] } as const;
    const { snapshot: usual, server } = await gatherFrom({ request });
    const others = allOf(server.requests.map(nameOf).filter((name) => name !== 'spire-agent'));
    const { snapshot } = await gatherFrom({
      request,
      server: {
        onAnswered: (one) => others.tell(nameOf(one)),
        hold: (one) => (nameOf(one) === 'spire-agent' ? others.all : undefined),
      },
    });
    expect(snapshot.coverage).toContainEqual({ kind: 'ConfigMap', namespace: 'spire-server', name: 'spire-agent' });
    expect({ ...snapshot, source: usual.source }).toEqual(usual);
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

/** Told names, is over once all of these have been told, and what they cause has come. */
function allOf(names: readonly string[]) {
  const missing = new Set(names);
  const told = Promise.withResolvers<void>();
  return {
    tell: (name: string) => {
      missing.delete(name);
      if (missing.size === 0) told.resolve();
    },
    all: told.promise.then(async () => {
      for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    }),
  };
}

function nameOf({ verb, kind, name }: ApiRequest): string {
  return kind === 'ConfigMap' && name !== undefined ? name : `${verb} ${kind}`;
}

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
