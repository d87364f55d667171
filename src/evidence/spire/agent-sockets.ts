import type { SocketName } from '../facts/workload-api.ts';
import { dig, textAt } from '../json.ts';
import { below, cleanPath, mountOf } from '../mount-paths.ts';
import type { ContainerView } from '../pod-view.ts';
import { absent, chainReading, known, mapReading, type Origin, type Reading, unknown } from '../reading.ts';
import { commandsOf } from '../shell-script.ts';
import { fieldPath } from '../snapshot.ts';
import { originOf, type World } from '../world.ts';
import { type AgentConfig, DEFAULT_SOCKET_PATH, flagOf, parseAgentConfig, withFlags } from './agent-config.ts';
import { type DaemonSetOf, hostPathOf } from './agent-daemon-sets.ts';

/** agent.conf of an agent DaemonSet: its `-config` flag, the volume mounted there, the ConfigMap behind it. */
export function agentConfigOf(world: World, agent: DaemonSetOf): Reading<AgentConfig> {
  const path = flagOf(agent.container, 'config') ?? '/opt/spire/conf/agent/agent.conf';
  const mounted = mountOf(agent.container, path);
  const volume = agent.view.volumes.find(({ name }) => name === mounted?.mount.volume);
  if (!mounted || volume?.type !== 'configMap') {
    return unknown(
      'unreadable',
      `agent.conf of ${agent.ref.namespace}/${agent.ref.name} does not come from a ConfigMap`,
    );
  }
  const key = volume.items.find((item) => item.path === mounted.inVolume)?.key ?? mounted.inVolume;
  const field = fieldPath('data', key);
  return chainReading(world.object('ConfigMap', agent.ref.namespace, volume.configMap), (collected) => {
    const text = textAt(dig(collected.object, 'data', key));
    if (text === undefined)
      return absent('key', `key ${key} of ConfigMap ${agent.ref.namespace}/${volume.configMap}`, originOf(collected));
    const config = parseAgentConfig(text);
    return config
      ? known(withFlags(config, agent.container), originOf(collected, field))
      : unknown('unreadable', `${field} of ConfigMap ${agent.ref.namespace}/${volume.configMap} is not an agent.conf`);
  });
}

/**
 * Names of the Workload API's sockets in a directory of the node: the agent's own and the links that its init
 * containers make to it. Unknown when a link's name cannot be followed: a name that is missing here has to be missing.
 */
export function socketsOf(
  agent: DaemonSetOf,
  config: Reading<AgentConfig>,
  directory: string,
): Reading<readonly SocketName[]> {
  const flag = flagOf(agent.container, 'socketPath');
  const readable: Reading<AgentConfig> =
    config.state !== 'known' && flag ? known({ socketPath: flag }, originOf(agent.collected)) : config;
  return chainReading(readable, ({ socketPath = DEFAULT_SOCKET_PATH }, from) => {
    if (/\$/.test(socketPath))
      return unknown('unreadable', `socket_path is ${socketPath}, which the agent expands from its environment`);
    const onNode = hostPathOf(agent.view, agent.container, socketPath);
    const name = onNode === undefined ? undefined : below(directory, onNode);
    const own = name ? [{ name, from, alias: false }] : [];
    return mapReading(linksOf(agent, directory), (links) => [...own, ...aliases(own, links)]);
  });
}

interface Link {
  /** Both relative to the socket directory. */
  readonly target: string;
  readonly name: string;
  readonly from: Origin;
}

function aliases(own: readonly SocketName[], links: readonly Link[]): readonly SocketName[] {
  const names = new Set(own.map(({ name }) => name));
  const found: SocketName[] = [];
  // A link may lead to another link, whatever the order in which they are made.
  for (let grown = true; grown; ) {
    grown = false;
    for (const { target, name, from } of links) {
      if (!names.has(target) || names.has(name)) continue;
      names.add(name);
      found.push({ name, from, alias: true });
      grown = true;
    }
  }
  return found;
}

function linksOf(agent: DaemonSetOf, directory: string): Reading<readonly Link[]> {
  const links: Link[] = [];
  for (const container of agent.view.containers.filter(({ place }) => place !== 'main')) {
    const from = originOf(agent.collected, `${container.path}.args`);
    const { commands } = commandsOf(container);
    let cwd: string | undefined = '/';
    for (const { words } of commands) {
      if (words[0] === 'cd') cwd = words[1] === undefined ? undefined : cleanPath(words[1], cwd ?? '/');
      if (words[0] !== 'ln') continue;
      const operands = words.slice(1).filter((word) => word === undefined || !word.startsWith('-'));
      const [target, name] = operands;
      if (cwd === undefined || target === undefined || name === undefined) {
        return unknown(
          'unreadable',
          `init container ${container.name} makes links whose names its script does not spell out`,
        );
      }
      const link = relativeTo(agent, container, directory, cwd, target, name);
      if (link) links.push({ ...link, from });
    }
  }
  return known(links, originOf(agent.collected));
}

function relativeTo(
  agent: DaemonSetOf,
  container: ContainerView,
  directory: string,
  cwd: string,
  target: string,
  name: string,
) {
  const at = cleanPath(name, cwd);
  const nameOnNode = hostPathOf(agent.view, container, at);
  // A link's target is relative to the directory of the link.
  const targetOnNode = hostPathOf(agent.view, container, cleanPath(target, cleanPath('..', at)));
  const link = nameOnNode === undefined ? undefined : below(directory, nameOnNode);
  const linked = targetOnNode === undefined ? undefined : below(directory, targetOnNode);
  return link && linked ? { name: link, target: linked } : undefined;
}
