import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/evidence/json.ts';
import { unpackHaproxyCfg } from '../../src/sources/live/haproxy-cfg.ts';
import { gatherFrom, healthyCluster } from './cluster.ts';

function compressed(content: string): JsonObject {
  return { kind: 'HAProxyCfg', metadata: { namespace: 'haptic', name: 'x' }, spec: { compressed: true, content } };
}

describe('a compressed HAProxyCfg', () => {
  it('is unpacked', () => {
    const { object, problem } = unpackHaproxyCfg(compressed(zstdCompressSync('backend b\n').toString('base64')));
    expect([object.spec, problem]).toEqual([{ compressed: false, content: 'backend b\n' }, undefined]);
  });

  it.each([
    ['not base64 of zstd', 'hello'],
    ['empty', ''],
  ])('that is %s stays as it is, and is told of', (_name, content) => {
    const packed = compressed(content);
    expect(unpackHaproxyCfg(packed)).toEqual({
      object: packed,
      problem: 'the configuration in HAProxyCfg haptic/x could not be unpacked',
    });
  });

  it('is never unpacked beyond 64 MiB', () => {
    const { problem } = unpackHaproxyCfg(compressed(zstdCompressSync(Buffer.alloc(65 * 2 ** 20)).toString('base64')));
    expect(problem).toBeDefined();
  });

  it('says the same as one that is not', async () => {
    const { objects } = await healthyCluster();
    const packed = objects.map((object) => {
      const spec = Object(object.spec);
      if (object.kind !== 'HAProxyCfg') return object;
      return {
        ...object,
        spec: { ...spec, compressed: true, content: zstdCompressSync(spec.content).toString('base64') },
      };
    });
    const [plain, unpacked] = [await gatherFrom(), await gatherFrom({ server: { objects: packed } })].map(
      ({ snapshot }) =>
        snapshot.objects
          .filter(({ object }) => object.kind === 'HAProxyCfg')
          .map(({ object }) => Object(object.spec).content),
    );
    expect(unpacked).toEqual(plain);
    expect(String(plain)).toContain('ssl');
  });
});
