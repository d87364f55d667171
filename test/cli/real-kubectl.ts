import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

/** The kubectl of this machine: $KUBECTL, or the one on the PATH. */
export const kubectl: string = env.KUBECTL ?? 'kubectl';

const found = await promisify(execFile)(kubectl, ['version', '--client']).then(
  () => true,
  () => false,
);

/** True where tests that want it are skipped; in CI they fail instead. */
export const noKubectl: boolean = !found && env.CI === undefined;

/** For a test's name: that it is skipped, and why. */
export const whyNoKubectl: string = noKubectl ? ' (skipped: there is no kubectl)' : '';
