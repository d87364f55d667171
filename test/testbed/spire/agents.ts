import type { Platform } from '../platform.ts';
import type { Agent, AgentServer } from './agent.ts';
import { renew, synchronize } from './agent.ts';
import type { ControllerManager } from './controller-manager.ts';
import type { Entry } from './entry.ts';

/** A server that runs, by the namespace it is in. */
export interface ServerState {
  readonly running: ReadonlySet<{ readonly namespace: string }>;
  readonly managers: ReadonlySet<ControllerManager>;
  readonly platform: Platform;
  /** What the server of a trust domain does for its agents. */
  readonly serverOf: (trustDomain: string) => Promise<AgentServer>;
  readonly now: () => number;
}

/** Lets an agent talk to its server; when that fails it says so and goes on with what it has. */
export async function syncAgent(agent: Agent, state: ServerState): Promise<void> {
  const { cache } = agent;
  const away = whyAway(agent, state);
  if (away !== undefined) {
    cache.server = 'missed';
    if (cache.state === 'unattested')
      agent.say('warning', 'Failed to retrieve attestation result', { error: away, retry_interval: '5s' });
    else agent.say('error', 'Synchronize failed', { error: away, subsystem_name: 'manager' });
    return;
  }
  const refusal = cache.state === 'unattested' ? whyRefused(agent, state) : undefined;
  if (refusal !== undefined) {
    agent.say('warning', 'Failed to retrieve attestation result', { error: refusal, retry_interval: '5s' });
    return;
  }
  await synchronize(agent, await state.serverOf(agent.trustDomain), state.now());
}

/** Renews the SVIDs of an agent that are wanted, if it reaches its server. */
export async function renewSvids(
  agent: Agent,
  state: ServerState,
  isWanted: (entry: Entry) => boolean,
  server: AgentServer,
): Promise<void> {
  const away = whyAway(agent, state);
  if (agent.cache.state === 'unattested') return;
  const wanted = agent.cache.entries.filter(isWanted);
  if (away !== undefined) {
    if (wanted.length > 0) agent.say('error', 'SVID sync failed', { error: away, subsystem_name: 'manager' });
    return;
  }
  for (const entry of wanted) await renew(agent, entry, server);
}

function whyAway(agent: Agent, { running, platform }: ServerState): string | undefined {
  const isThere = [...running].some(({ namespace }) => namespace === agent.serverNamespace);
  if (isThere && platform.spire.server === 'reachable') return undefined;
  return 'failed to sync with SPIRE Server: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.96.14.7:443: connect: connection refused"';
}

/** Why the server does not attest the agent; it is told what its controller-manager is told. */
function whyRefused(agent: Agent, { managers }: ServerState): string | undefined {
  const servers = [...managers].filter(({ namespace }) => namespace === agent.serverNamespace);
  if (servers.length === 0) return undefined;
  const [server] = servers;
  if (server && !servers.some(({ trustDomain }) => trustDomain === agent.trustDomain))
    return `failed to get SVID: error getting attestation response from SPIRE server: rpc error: code = Internal desc = expected server SPIFFE ID "spiffe://${agent.trustDomain}/spire/server"; got "spiffe://${server.trustDomain}/spire/server"`;
  if (agent.cluster !== undefined && !servers.some(({ clusterName }) => clusterName === agent.cluster))
    return `failed to get SVID: error getting attestation response from SPIRE server: rpc error: code = InvalidArgument desc = nodeattestor(k8s_psat): not configured for cluster ${JSON.stringify(agent.cluster)}`;
  return undefined;
}
