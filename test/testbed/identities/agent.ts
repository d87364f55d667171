import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { flagOf, parseAgentConfig } from '../../../src/evidence/spire/agent-config.ts';
import { textAt } from '../cluster/fields.ts';
import type { Exit, Program, RunningProgram } from '../seams.ts';
import { containerOf, fileOf, imageName } from '../spire/container.ts';
import { type HostProcess, startOnHost } from './host-process.ts';
import { REAL } from './requirements.ts';
import type { RealServer } from './server.ts';

/** The real spire-agents by their nodes. */
export interface RealAgents {
  readonly program: Program;
  /** Ends the one of a node in the way of a crash. */
  readonly kill: (node: string) => void;
}

/** What a node's agent is called in registrations, whichever token it joined with. */
export function nodeId(trustDomain: string, node: string): string {
  return `spiffe://${trustDomain}/node/${node}`;
}

/**
 * Containers of spire-agent with their pods' own agent.conf. They see this machine's processes, as `hostPID` lets them
 * see the node's: the kernel tells an agent in another PID namespace nothing about who connects to it. `directory` is for
 * what they keep.
 */
export function realAgents(server: RealServer, directory: string): RealAgents {
  const running = new Map<string, HostProcess>();
  return {
    kill: (node) => running.get(node)?.kill(),
    program: {
      runs: (container) => imageName(container) === 'spire-agent',
      async start(context): Promise<RunningProgram> {
        const { container } = containerOf(context.pod, context.ref.container);
        const path = flagOf(container, 'config') ?? '';
        const { socketPath = '', trustDomain = '' } = parseAgentConfig((await fileOf(context, path)) ?? '') ?? {};
        const onHost = { config: context.onHost(path), socket: context.onHost(socketPath) };
        if (onHost.config === undefined || onHost.socket === undefined)
          throw new Error(`what the agent needs is on no mount: ${path}, ${socketPath}`);
        const data = mkdtempSync(join(directory, 'spire-agent-'));
        const words = [REAL.agent, 'run', '-config', onHost.config, '-socketPath', onHost.socket, '-dataDir', data];
        const node = textAt(context.pod, 'spec', 'nodeName');
        const stop = Promise.withResolvers<Exit>();
        let own: HostProcess | undefined;
        let over = false;
        const attest = async () => {
          const { address, command } = await server.running();
          const said = await command('token', 'generate', '-spiffeID', nodeId(trustDomain, node));
          const token = /^Token: (\S+)/m.exec(said)?.[1] ?? '';
          if (over) return;
          own = startOnHost([...words, '-serverAddress', address, '-joinToken', token], ROOT, context.log);
          running.set(node, own);
          stop.resolve(await own.ended);
        };
        // A server that is not there yet is what every agent of a new cluster finds.
        attest().catch((cause) => {
          context.log(String(cause));
          stop.resolve({ code: 1 });
        });
        return {
          ended: stop.promise,
          stop: async () => {
            over = true;
            if (own === undefined) stop.resolve({ code: 0 });
            await own?.stop();
          },
        };
      },
    },
  };
}

const ROOT = { uid: 0, gid: 0 };
