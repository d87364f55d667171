import { describe, expect, it } from 'vitest';
import { discover } from '../../src/evidence/discovery.ts';
import { validation } from '../../src/evidence/facts/controller.ts';
import { annotatedIngresses, watched } from '../../src/evidence/facts/installation.ts';
import type { Subject } from '../../src/evidence/subject.ts';
import { World } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

async function worldWith(
  change: readonly Change[],
): Promise<{ world: World; controller: Subject; installation: Subject }> {
  const world = new World(await buildCase({ source: 'live', complete: true, change }));
  const of = (type: Subject['type']): Subject => {
    const subject = discover(world).subjects.find((candidate) => candidate.type === type);
    if (!subject) throw new Error(`no ${type}`);
    return subject;
  };
  return { world, controller: of('controller-pod'), installation: of('installation') };
}

const failed = (when: string): Change => ({
  log: {
    pod: 'haptic-controller-0',
    container: 'controller',
    lines: [
      `${when} time=x level=ERROR msg="HAProxy configuration validation failed" error="no \\"such\\" file" correlation_id=1`,
    ],
  },
});
const status = (to: { [key: string]: string | number }): Change => ({
  object: 'HAProxyTemplateConfig haptic/haptic-config',
  set: { at: 'status', to },
});

async function stateWith(...change: readonly Change[]) {
  const { world, controller } = await worldWith(change);
  const reading = validation.read(world, controller);
  return reading.state === 'known'
    ? { state: reading.value.state, errors: reading.value.errors.map(({ text }) => text) }
    : reading.state;
}

describe('the last validation', () => {
  it('is good when HAPTIC published what it validated', async () => {
    expect(await stateWith()).toEqual({ state: 'valid', errors: [] });
  });

  it('is bad after a newer failure, and good again after a newer success', async () => {
    expect(await stateWith(failed('-10m'))).toEqual({ state: 'invalid', errors: ['no "such" file'] });
    expect(await stateWith(failed('-40m'))).toEqual({ state: 'valid', errors: [] });
  });

  it('is bad when the status says so, unless that is about an earlier specification', async () => {
    expect(await stateWith(status({ validationStatus: 'Invalid', validationMessage: 'bad end line' }))).toEqual({
      state: 'invalid',
      errors: ['bad end line'],
    });
    const outdated = [
      status({ validationStatus: 'Invalid', observedGeneration: 1 }),
      { object: 'HAProxyTemplateConfig haptic/haptic-config', set: { at: 'metadata.generation', to: 2 } },
    ] as const;
    expect(await stateWith(...outdated)).toEqual({ state: 'valid', errors: [] });
  });

  it('is not taken back by a success that says no time', async () => {
    expect(await stateWith(status({ validationStatus: 'Valid' }), failed('-10m'))).toEqual({
      state: 'invalid',
      errors: ['no "such" file'],
    });
  });
});

describe('an Ingress', () => {
  it('is watched when it is of the class that HAPTIC selects', async () => {
    const watchedWith = async (to: string) => {
      const { world, installation } = await worldWith([
        { object: 'Ingress shop/api', set: { at: 'spec.ingressClassName', to } },
      ]);
      const reading = watched.read(world, {
        ...installation,
        type: 'ingress',
        ref: { kind: 'Ingress', namespace: 'shop', name: 'api' },
      });
      return reading.state === 'known' ? reading.value : reading.state;
    };
    expect(await watchedWith('haproxy')).toBe(true);
    expect(await watchedWith('nginx')).toBe(false);
  });

  it('asks for mTLS with any value but a no', async () => {
    const asks = async (to: string) => {
      const { world, installation } = await worldWith([
        {
          object: 'Ingress shop/api',
          set: {
            at: 'metadata.annotations',
            to: { 'example.com/server-mtls-spire': to, 'haproxy.org/server-crt': 'a/b' },
          },
        },
      ]);
      const reading = annotatedIngresses.read(world, installation);
      return reading.state === 'known'
        ? reading.value.map(({ value, conflicts, services }) => ({
            value,
            conflicts: conflicts.map(({ key }) => key),
            services,
          }))
        : reading.state;
    };
    expect(await asks('false')).toEqual([]);
    expect(await asks('yes')).toEqual([
      {
        value: 'yes',
        conflicts: ['haproxy.org/server-crt'],
        services: [expect.objectContaining({ namespace: 'shop', name: 'api' })],
      },
    ]);
  });
});
