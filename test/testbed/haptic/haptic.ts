import { nameOf } from '../api/metadata.ts';
import type { Haproxies } from '../programs/haproxy.ts';
import { containerEnv, containerSandbox } from '../sandbox/container.ts';
import { haproxyReleaseOf } from '../sandbox/releases.ts';
import type { ProcessSandbox } from '../sandbox/start.ts';
import type { Controller, Exit, KubeObject, Program, ProgramContext, RunningProgram, Store } from '../seams.ts';
import { Deployer } from './deploy.ts';
import { meantPods, portsOf } from './meant-pods.ts';
import { checksumOf, type Published, publishedContent, publishInvalid, publishValid, sayInvalid } from './publish.ts';
import { type ListenPorts, renderConfig } from './render.ts';
import { type ReplayedRelease, replayed, replayedReleaseOf } from './replayed-releases.ts';
import { TemplateError } from './template-tokens.ts';
import { type Verdict, validate } from './validate.ts';

export interface Haptic {
  /** HAPTIC's controller; the HAProxys are somebody else's program. */
  readonly program: Program;
  /** What the controllers that run do about the objects as they are. */
  readonly controller: Controller;
}

export interface HapticOptions {
  readonly store: Store;
  readonly haproxies: Haproxies;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** One container of a controller, which remembers what it has validated until it ends. */
interface Instance {
  readonly of: Published;
  readonly sandbox: ProcessSandbox;
  readonly release?: ReplayedRelease;
  readonly log: (text: string) => void;
  /** By checksum. A failure stays one, even when the files that it was about have changed since. */
  readonly verdicts: Map<string, Verdict | 'never'>;
  /** What the log last said. */
  said?: string;
  over: boolean;
}

/** HAPTIC's controller, which renders and deploys by itself and asks the real HAProxy whether a configuration is valid. */
export function createHaptic({ store, haproxies, now }: HapticOptions): Haptic {
  const instances = new Set<Instance>();
  const deployer = new Deployer(store, now);
  return {
    program: {
      runs: (container) =>
        !isAgent(container) &&
        (/(?:^|\/)haptic(?:[:@]|$)/.test(String(container.image)) ||
          String(container.command).includes('haptic-controller')),
      start: (context) => start(context, instances),
    },
    controller: {
      name: 'haptic-controller',
      reconcile: async () => {
        // Of several replicas the first one leads.
        const leaders = new Map([...instances].reverse().map((instance) => [keyOf(instance.of), instance]));
        for (const instance of leaders.values()) await work(instance, { store, haproxies, now }, deployer);
      },
    },
  };
}

/** The same image beside HAProxy, which takes what the controller sends. */
function isAgent({ args }: KubeObject): boolean {
  return Array.isArray(args) && args[0] === 'agent';
}

async function start(context: ProgramContext, instances: Set<Instance>): Promise<RunningProgram> {
  const image = String(context.container.image);
  const sandbox = await containerSandbox(context, { haproxy: haproxyReleaseOf(image) });
  const release = replayedReleaseOf(image);
  const instance: Instance = {
    of: { namespace: context.ref.namespace, config: containerEnv(context).CRD_NAME || 'haptic-config' },
    sandbox,
    ...(release && { release }),
    log: context.log,
    verdicts: new Map(),
    over: false,
  };
  instances.add(instance);
  context.log(`level=INFO msg="Starting HAPTIC controller" config=${keyOf(instance.of)}`);
  let end: (exit: Exit) => void = () => undefined;
  const ended = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  return {
    ended,
    sandbox,
    stop: async () => {
      instances.delete(instance);
      instance.over = true;
      await sandbox.close();
      end({ code: 0 });
    },
    probe: async () => 200,
  };
}

async function work(instance: Instance, { store, haproxies, now }: HapticOptions, deployer: Deployer): Promise<void> {
  const { of } = instance;
  const config = store.get({ kind: 'HAProxyTemplateConfig', namespace: of.namespace, name: of.config });
  if (config === undefined) return;
  const pods = meantPods(config, store);
  const rendered = render(config, portsOf(pods), store);
  if ('error' in rendered) {
    say(instance, `level=ERROR msg="Template rendering failed" error=${JSON.stringify(rendered.error)}`);
    sayInvalid(store, of, rendered.error);
  } else {
    const verdict = await verdictOf(instance, rendered.content);
    // It has been stopped meanwhile, or waits for HAProxy ever since.
    if (instance.over || verdict === 'never') return;
    if (verdict.valid) {
      say(instance, 'level=INFO msg="Configuration validated successfully"', checksumOf(rendered.content));
      publishValid(store, of, rendered.content, now());
    } else {
      const error = JSON.stringify(verdict.error);
      const id = checksumOf(rendered.content).slice(7, 15);
      say(instance, `level=ERROR msg="HAProxy configuration validation failed" error=${error} correlation_id=${id}`);
      publishInvalid(store, of, rendered.content, verdict.error, now());
    }
  }
  const content = publishedContent(store, of);
  if (content === undefined) return;
  const names = new Set(pods.map(nameOf));
  const running = haproxies.running().filter(({ ref }) => ref.namespace === of.namespace && names.has(ref.pod));
  await deployer.deploy(of, content, running);
}

function render(
  config: KubeObject,
  ports: ListenPorts,
  store: Store,
): { readonly content: string } | { readonly error: string } {
  try {
    return { content: renderConfig(config, ports, store) };
  } catch (cause) {
    if (cause instanceof TemplateError) return { error: cause.message };
    throw cause;
  }
}

async function verdictOf({ verdicts, sandbox, release }: Instance, content: string): Promise<Verdict | 'never'> {
  const checksum = checksumOf(content);
  const known = verdicts.get(checksum);
  if (known !== undefined) return known;
  const said = await validate(sandbox, content);
  const verdict = release === undefined ? said : replayed(release, content, said);
  verdicts.set(checksum, verdict);
  return verdict;
}

/** Says a line once, until something else is due. */
function say(instance: Instance, line: string, about = ''): void {
  if (instance.said === line + about) return;
  instance.said = line + about;
  instance.log(line);
}

function keyOf({ namespace, config }: Published): string {
  return `${namespace}/${config}`;
}
