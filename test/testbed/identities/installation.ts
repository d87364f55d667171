import type { Beginning } from '../faults/fault.ts';
import { startTestbed, type Testbed } from '../installation.ts';
import { type RealAgents, realAgents } from './agent.ts';
import { realBackend } from './backend.ts';
import { realHelper } from './helper.ts';
import { loadedSerial, story, unready, writtenSerial } from './looks.ts';
import { realRegistrar } from './registrar.ts';
import { type RealServer, realServer } from './server.ts';
import { freePort, realSettings, TRUST_DOMAIN } from './settings.ts';
import { until } from './until.ts';

/** An installation in which SPIRE and spiffe-helper are what they are elsewhere. */
export interface RealInstallation {
  readonly testbed: Testbed;
  readonly server: RealServer;
  readonly agents: RealAgents;
  /** Resolves when HAProxy has loaded another certificate than it had at the call, and it is the one in its file. */
  readonly rotated: () => Promise<void>;
  /** Lets the cluster act until every pod is ready. */
  readonly ready: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Seconds that an SVID lives; its agent renews it when half of them are over. */
export const TTL = 30;
/** Nothing in an installation that is so old, in milliseconds, can still be on its way. */
const OLD = 1_800_000;

/** Starts it, and waits until every pod is ready and what HAProxy began with has been replaced. */
export async function startRealInstallation(beginning: Beginning = {}): Promise<RealInstallation> {
  const settings = realSettings(await freePort());
  let real: Pick<RealInstallation, 'server' | 'agents'> | undefined;
  const testbed = await startTestbed(
    { ...beginning, change: [...settings, ...(beginning.change ?? [])] },
    {
      real: ({ spire, directory, store }) => {
        const standIn = spire.programs.find(({ runs }) => runs({ image: 'spire-server' }, {}));
        if (standIn === undefined) throw new Error('nothing stands in for spire-server');
        const server = realServer({ trustDomain: TRUST_DOMAIN, ttl: TTL, standIn, directory });
        const agents = realAgents(server, directory);
        real = { server, agents };
        return {
          programs: [server.program, agents.program, realHelper, realBackend],
          controllers: [realRegistrar({ server, registered: spire.registered, store })],
        };
      },
    },
  );
  if (real === undefined) throw new Error('nobody has asked for the real programs');
  const ready = () =>
    until('every container is ready', async () => {
      await testbed.settle();
      return unready(testbed).length === 0 ? true : undefined;
    }).then(() => undefined);
  const rotated = async () => {
    const before = await loadedSerial(testbed);
    await until('HAProxy loads another certificate', async () => {
      const now = await loadedSerial(testbed);
      return now !== undefined && now !== before && now === writtenSerial(testbed) ? true : undefined;
    });
  };
  try {
    await ready();
    testbed.age(OLD);
    await rotated();
  } catch (cause) {
    const told = story(testbed);
    await testbed.close();
    throw new Error(`${String(cause)}\n${told}`, { cause });
  }
  return { testbed, ...real, ready, rotated, close: testbed.close };
}
