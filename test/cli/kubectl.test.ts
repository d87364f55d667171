import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from './process.ts';
import { kubectl, noKubectl, whyNoKubectl } from './real-kubectl.ts';

const run = promisify(execFile);

describe.skipIf(noKubectl)(`a real kubectl runs the plug-in${whyNoKubectl}`, () => {
  const withPlugin = { env: { ...env, PATH: `${dirname(PROGRAM)}:${env.PATH}` } };

  it('finds it on the PATH and passes its words and its exit code on', async () => {
    const { stdout } = await run(kubectl, ['haptic-spire', 'version', '-o', 'json'], withPlugin);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'kubectl-haptic_spire' });
    const failed = run(kubectl, ['haptic-spire', 'doctor', '--demo', 'rotation-stuck', '-o', 'json'], withPlugin);
    await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('"missed-rotation"') });
  });

  it('lists it among the plug-ins without a warning', async () => {
    const { stdout, stderr } = await run(kubectl, ['plugin', 'list', '--name-only'], withPlugin).catch(
      (error) => error,
    );
    expect(stdout).toContain('kubectl-haptic_spire');
    expect(stderr).not.toContain('kubectl-haptic_spire overwrites');
  });
});
