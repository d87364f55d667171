import { env } from 'node:process';
import { locate } from '../../probe/requirements.ts';
import { testbedRequirements } from '../requirements.ts';

/** Paths of the real programs on this machine; empty: not here. */
export const REAL = {
  server: env.SPIRE_SERVER ?? '',
  agent: env.SPIRE_AGENT ?? '',
  helper: env.SPIFFE_HELPER ?? '',
} as const;

/** What an installation with real identities needs and this machine lacks, in words. */
export function identitiesRequirements(): ReturnType<typeof testbedRequirements> {
  const { missing, mustNotSkip } = testbedRequirements();
  const wanted: readonly (readonly [path: string, what: string])[] = [
    [REAL.server, 'a spire-server at $SPIRE_SERVER as .ci/fetch-spire builds it'],
    [REAL.agent, 'a spire-agent at $SPIRE_AGENT as .ci/fetch-spire builds it'],
    [REAL.helper, 'a spiffe-helper at $SPIFFE_HELPER as .ci/fetch-spiffe-helper builds it'],
  ];
  return {
    missing: [...missing, ...wanted.filter(([path]) => locate(path) === undefined).map(([, what]) => what)],
    mustNotSkip,
  };
}
