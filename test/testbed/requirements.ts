import { env } from 'node:process';
import { locate, requirements } from '../probe/requirements.ts';
import { sandboxRequirements } from './sandbox/requirements.ts';

/** What the testbed needs and this machine lacks, in words. */
export function testbedRequirements(): { readonly missing: readonly string[]; readonly mustNotSkip: boolean } {
  const { missing, mustNotSkip } = requirements(['socat', 'openssl']);
  const sandbox = sandboxRequirements();
  return {
    missing: [
      ...missing,
      ...(locate(env.KUBECTL ?? '') === undefined ? ['a kubectl at $KUBECTL as .ci/fetch-kubectl fetches it'] : []),
      ...(locate(env.HAPROXY_NEW ?? '') === undefined
        ? ['a HAProxy at $HAPROXY_NEW as .ci/fetch-haproxy fetches it']
        : []),
      ...(sandbox === undefined ? [] : [sandbox]),
    ],
    mustNotSkip,
  };
}
