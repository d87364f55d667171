import { DEFAULT_SOCKET_PATH, flagOf, parseAgentConfig, withFlags } from '../../../src/evidence/spire/agent-config.ts';
import { dig, textAt } from '../cluster/fields.ts';
import { timestamp } from '../cluster/timestamp.ts';
import type { Program } from '../seams.ts';
import { socketPaths } from './agent-sockets.ts';
import type { Svid } from './authority.ts';
import { containerOf, fileOf, imageName } from './container.ts';
import { type Entry, entryRevision } from './entry.ts';
import { type Level, logrusLine } from './logrus.ts';
import { longRunning } from './long-running.ts';
import { sparingLog } from './sparing-log.ts';

/** A spire-agent that runs on a node. */
export interface Agent {
  readonly namespace: string;
  readonly node: string;
  readonly trustDomain: string;
  /** agent.conf as it was at the start. */
  readonly config: string;
  /** Namespace of the server that it asks. */
  readonly serverNamespace: string;
  /** Cluster that it names to the server; absent: it does not say. */
  readonly cluster?: string;
  /** Otherwise it cannot tell who connects to it. */
  readonly sharesNodePids: boolean;
  /** Paths on the node at which it serves once it is attested. */
  readonly sockets: ReadonlySet<string>;
  readonly cache: AgentCache;
  readonly say: (level: Level, message: string, fields?: Readonly<Record<string, string | number | boolean>>) => void;
  /** Says again what was said a moment ago. */
  readonly forgetSaid: () => void;
}

/** What an agent has in memory. */
export interface AgentCache {
  state: 'unattested' | 'attested';
  entries: readonly Entry[];
  readonly svids: Map<string, Svid>;
  bundle: readonly string[];
  /** The server could not be reached at the last attempt. */
  server: 'reached' | 'missed';
}

/** The container spire-agent; agents that run are in `running`. */
export function agentProgram(running: Set<Agent>, now: () => number): Program {
  return {
    runs: (container) => imageName(container) === 'spire-agent',
    async start(context) {
      const spec = containerOf(context.pod, context.ref.container);
      const path = flagOf(spec.container, 'config') ?? '/opt/spire/conf/agent/agent.conf';
      const config = (await fileOf(context, path)) ?? '';
      const parsed = parseAgentConfig(config);
      if (parsed === undefined) {
        context.log(`could not parse config: unable to parse configuration at ${JSON.stringify(path)}`);
        const failed = longRunning();
        failed.end({ code: 1 });
        return failed;
      }
      const { socketPath = DEFAULT_SOCKET_PATH, trustDomain = '' } = withFlags(parsed, spec.container);
      const { say, forget } = sparingLog(context.log, now);
      const cluster = /"?cluster"?\s*[:=]\s*"([^"]+)"/.exec(config)?.[1];
      const agent: Agent = {
        namespace: context.ref.namespace,
        node: textAt(context.pod, 'spec', 'nodeName'),
        trustDomain,
        config,
        serverNamespace: /"?server_address"?\s*[:=]\s*"[\w-]+\.([\w-]+)/.exec(config)?.[1] ?? context.ref.namespace,
        ...(cluster === undefined ? {} : { cluster }),
        sharesNodePids: dig(context.pod, 'spec', 'hostPID') === true,
        sockets: socketPaths(spec, socketPath),
        cache: { state: 'unattested', entries: [], svids: new Map(), bundle: [], server: 'reached' },
        say: (level, message, fields = {}) => {
          const line = logrusLine(now(), level, message, fields);
          say(`${level} ${message} ${JSON.stringify(fields)}`, line);
        },
        forgetSaid: forget,
      };
      agent.say('info', 'Starting agent', { trust_domain: trustDomain });
      running.add(agent);
      return longRunning(
        () => running.delete(agent),
        async (_port, probed) => (probed === '/ready' && agent.cache.state !== 'attested' ? 500 : 200),
      );
    },
  };
}

/** What the server does for an agent. */
export interface AgentServer {
  readonly entries: readonly Entry[];
  readonly bundle: readonly string[];
  readonly issue: (entry: Entry) => Promise<Svid>;
}

/** Brings an agent up to date with its server, as its synchroniser does: entries, bundle, SVIDs that are missing or outdated. */
export async function synchronize(agent: Agent, server: AgentServer, now: number): Promise<void> {
  const { cache } = agent;
  if (cache.state === 'unattested') {
    agent.say('info', 'Node attestation was successful', { subsystem_name: 'attestor' });
    cache.state = 'attested';
    agent.say('info', 'Starting agent APIs', { address: [...agent.sockets][0] ?? '', subsystem_name: 'endpoints' });
  }
  cache.entries = server.entries
    .filter(({ node }) => node === undefined || node === agent.node)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  cache.bundle = server.bundle;
  const ids = new Set(cache.entries.map(({ id }) => id));
  for (const id of [...cache.svids.keys()].filter((each) => !ids.has(each))) cache.svids.delete(id);
  for (const entry of cache.entries) {
    const svid = cache.svids.get(entry.id);
    // What was due while the server was away is caught up with.
    const isDue = svid !== undefined && cache.server === 'missed' && now > (svid.notBefore + svid.notAfter) / 2;
    if (svid === undefined || svid.revision !== entryRevision(entry) || isDue) await renew(agent, entry, server);
    else if (svid.entry !== entry) cache.svids.set(entry.id, { ...svid, entry });
  }
  cache.server = 'reached';
}

/** Asks the server for a new SVID of an entry. */
export async function renew(agent: Agent, entry: Entry, { issue }: Pick<AgentServer, 'issue'>): Promise<void> {
  const before = agent.cache.svids.get(entry.id);
  agent.say('info', before ? 'Renewing X509-SVID' : 'Creating X509-SVID', {
    spiffe_id: entry.spiffeId,
    entry_id: entry.id,
    ...(before ? { expires_at: timestamp(before.notAfter) } : {}),
    subsystem_name: 'manager',
  });
  agent.cache.svids.set(entry.id, await issue(entry));
}
