import { dig, type Json, listAt, objectAt, textAt } from '../json.ts';
import type { ContainerView } from '../pod-view.ts';

/** What spire-agent uses when neither agent.conf nor a flag says otherwise (its POSIX default). */
export const DEFAULT_SOCKET_PATH = '/tmp/spire-agent/public/api.sock';

/** The part of agent.conf that decides where the Workload API is and how long SVIDs must last. */
export interface AgentConfig {
  readonly socketPath?: string;
  readonly trustDomain?: string;
  /** As written: a Go duration. */
  readonly availabilityTarget?: string;
}

/** Reads agent.conf, JSON or HCL; undefined when it is neither, as far as can be seen. */
export function parseAgentConfig(text: string): AgentConfig | undefined {
  const agent = text.trimStart().startsWith('{') ? agentOfJson(text) : agentOfHcl(text);
  if (!agent) return undefined;
  const { socket_path: socketPath, trust_domain: trustDomain, availability_target: availabilityTarget } = agent;
  return {
    ...(socketPath ? { socketPath } : {}),
    ...(trustDomain ? { trustDomain } : {}),
    ...(availabilityTarget ? { availabilityTarget } : {}),
  };
}

/** Flags win over the file, as in `spire-agent run`. */
export function withFlags(config: AgentConfig, container: ContainerView): AgentConfig {
  const socketPath = flagOf(container, 'socketPath');
  const trustDomain = flagOf(container, 'trustDomain');
  return { ...config, ...(socketPath ? { socketPath } : {}), ...(trustDomain ? { trustDomain } : {}) };
}

/** Value of `-name value`, `-name=value` or the same with two dashes; the last one wins, as with Go's flag package. */
export function flagOf(container: ContainerView, name: string): string | undefined {
  const words = [...container.command, ...container.args];
  let value: string | undefined;
  words.forEach((word, index) => {
    if (word === `-${name}` || word === `--${name}`) value = words[index + 1];
    else if (word.startsWith(`-${name}=`) || word.startsWith(`--${name}=`)) value = word.slice(word.indexOf('=') + 1);
  });
  return value;
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/** Milliseconds of a Go duration such as `1h30m`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text.slice(0, 64))) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)) {
    total += Number(number) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

type Texts = Readonly<Record<string, string | undefined>>;

function agentOfJson(text: string): Texts | undefined {
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  // HCL turned into JSON has a list of blocks where JSON has one object.
  const agent = dig(parsed, 'agent');
  const blocks = Array.isArray(agent) ? listAt(agent).map(objectAt) : [objectAt(agent)];
  const read = (key: string) => blocks.map((block) => textAt(dig(block, key))).findLast((value) => value !== undefined);
  return {
    socket_path: read('socket_path'),
    trust_domain: read('trust_domain'),
    availability_target: read('availability_target'),
  };
}

function agentOfHcl(text: string): Texts | undefined {
  if (!/^\s*"?agent"?\s*[={]/m.test(text)) return undefined;
  const found: Record<string, string> = Object.create(null);
  for (const line of text.split('\n')) {
    const setting = /^\s*(?:agent\s*\{\s*)?"?(socket_path|trust_domain|availability_target)"?\s*=\s*"([^"]*)"/.exec(
      line.slice(0, 2000),
    );
    if (setting) found[setting[1] ?? ''] = setting[2] ?? '';
  }
  return found;
}
