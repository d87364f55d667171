import { describe, expect, it } from 'vitest';
import { STORIES } from '../../src/sources/demo/stories.ts';
import { say } from './fake-host.ts';

const ROOT_CAUSES: Readonly<Record<string, readonly string[]>> = {
  'rotation-stuck': ['cert-loaded'],
  'wrong-socket': ['csi-socket-name'],
  'toml-section': ['helper-config-syntax'],
  healthy: [],
};

describe('a demo', () => {
  it.each(STORIES.map(({ id }) => id))('%s exits by its verdict and names its root cause', async (story) => {
    const { exitCode, stdout, stderr } = await say(['doctor', '--demo', story, '-o', 'json']);
    const report = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(report.rootCauses.map(({ check }: { check: string }) => check)).toEqual(ROOT_CAUSES[story]);
    expect(exitCode).toBe(story === 'healthy' ? 0 : 1);
    expect(report.metadata.source).toMatchObject({ kind: 'demo', complete: true });
  });

  it('is the stuck rotation when no story is named', async () => {
    const named = await say(['doctor', '--demo', 'rotation-stuck']);
    expect(await say(['doctor', '--demo'])).toEqual(named);
    expect(named.stdout).toContain('left before connections fail');
  });

  it('exits with 0 under --fail-on never, and says the same', async () => {
    const { exitCode, stdout } = await say(['doctor', '--demo', '--fail-on', 'never', '-o', 'json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'broken', exitCode: 0 });
  });

  it('can be narrowed by pod and by check', async () => {
    const one = JSON.parse((await say(['doctor', '--demo', '--pod', 'haptic-haproxy-0', '-o', 'json'])).stdout);
    expect(one.rootCauses).toEqual([]);
    const { exitCode, stdout } = await say(['doctor', '--demo', '--check', 'helper-image-tag', '-o', 'json']);
    expect(exitCode).toBe(0);
    expect(new Set(JSON.parse(stdout).results.map(({ check }: { check: string }) => check))).toEqual(
      new Set(['helper-image-tag']),
    );
    const skipped = JSON.parse((await say(['doctor', '--demo', '--skip', 'helper-image-tag', '-o', 'json'])).stdout);
    const selected = skipped.results.filter((result: { selected: boolean }) => result.selected);
    expect(selected.some(({ check }: { check: string }) => check === 'helper-image-tag')).toBe(false);
  });

  it('says less with -q and more with --show-ok', async () => {
    const usual = (await say(['doctor', '--demo'])).stdout;
    const quiet = (await say(['doctor', '--demo', '-q'])).stdout;
    const more = (await say(['doctor', '--demo', '--show-ok'])).stdout;
    expect(quiet).not.toContain('\nChecks\n');
    expect(quiet).toContain('cert-loaded/missed-rotation');
    expect(more.length).toBeGreaterThan(usual.length);
    expect(more).toContain('\nGood\n');
  });
});
