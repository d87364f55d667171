import type { FactReader } from '../catalogue.ts';
import { installationOf } from '../discovery.ts';
import { numberedLines, plainLines } from '../haproxy-cfg/config-lines.ts';
import { deploymentTo, type PublishedConfig, publishedConfigOf } from '../haproxy-cfg/published-config.ts';
import { type ParsedConfig, readConfig } from '../haproxy-cfg/read-config.ts';
import { CUT } from '../probe/status.ts';
import { chainReading, known, type Origin, type Reading, unknown } from '../reading.ts';
import { refKey, type Subject } from '../subject.ts';
import { refOf, type World } from '../world.ts';
import { noPodToAsk } from './pod.ts';

/** haproxy.cfg as HAPTIC rendered it, reduced to what decides about backend TLS. */
export interface RenderedConfig {
  readonly from: 'HAProxyCfg' | 'pod';
  readonly checksum?: string;
  /** False: HAPTIC says that this pod does not run it (yet). */
  readonly deployed: boolean;
  /** Last error of deploying to this pod, from HAProxyCfg.status.deployedToPods. */
  readonly deployError?: { readonly text: string; readonly at?: number };
  readonly global: {
    readonly crtBase?: string;
    readonly caBase?: string;
    readonly loadExtraFiles?: string;
    readonly daemon: boolean;
    readonly bufferSize?: number;
    /** From `master-worker`, `stats socket` lines and the like nothing is read. */
  };
  readonly backends: readonly RenderedBackend[];
  readonly binds: readonly { readonly address: string; readonly port: number; readonly line: number }[];
  readonly origin: Origin;
}

export interface RenderedBackend {
  readonly name: string;
  readonly line: number;
  readonly mode?: string;
  readonly servers: readonly RenderedServer[];
  /** Its default-server lines, merged in order. */
  readonly defaults: ServerTls;
  readonly defaultLine?: number;
  readonly httpCheck: boolean;
}

export interface RenderedServer {
  readonly name: string;
  readonly address: string;
  readonly line: number;
  readonly disabled: boolean;
  /** The server line on top of the default-server lines: what is in force. */
  readonly tls: ServerTls;
}

/** TLS keywords of a server line; the last one wins. */
export interface ServerTls {
  readonly ssl: boolean;
  readonly verify?: 'none' | 'required';
  readonly caFile?: string;
  readonly crt?: string;
  /** The sample expression: `str(api.shop.svc)`. */
  readonly sni?: string;
  readonly verifyHost?: string;
  readonly checkSni?: string;
  readonly check: boolean;
  readonly alpn?: string;
}

export const renderedConfig: FactReader<RenderedConfig> = {
  gather: ['pods', 'haptic-config', 'haproxy-cfg', 'probe'],
  read: renderedConfigOf,
};

/** For a HAProxy pod: what it runs, as far as known. For other subjects: what HAPTIC published for the release. */
export function renderedConfigOf(world: World, subject: Subject): Reading<RenderedConfig> {
  return world.memoOf(subject.ref, 'rendered config', () => configOf(world, subject));
}

/** What HAPTIC published, unless the pod itself showed its file and HAPTIC does not say that it is the same. */
function configOf(world: World, subject: Subject): Reading<RenderedConfig> {
  const published = chainReading(installationOf(world, subject), (installation) =>
    publishedConfigOf(world, installation),
  );
  const ofHaptic = chainReading(published, (config, from) => known(publishedFor(world, config, subject, from), from));
  if (subject.type !== 'haproxy-pod' || (ofHaptic.state === 'known' && ofHaptic.value.deployed)) return ofHaptic;
  const ofPod = configInPod(world, subject);
  if (ofPod.state !== 'known') return ofHaptic;
  const deployError = ofHaptic.state === 'known' ? ofHaptic.value.deployError : undefined;
  return deployError === undefined ? ofPod : known({ ...ofPod.value, deployError }, ofPod.from);
}

function publishedFor(world: World, config: PublishedConfig, subject: Subject, origin: Origin): RenderedConfig {
  const { deployed, error } = deploymentTo(config, subject.ref.name);
  return {
    from: 'HAProxyCfg',
    ...(config.checksum === undefined ? {} : { checksum: config.checksum }),
    deployed,
    ...(error === undefined ? {} : { deployError: error }),
    ...parsePublished(world, config),
    origin,
  };
}

/** One text for all pods of a release: read once. */
export function parsePublished(world: World, config: PublishedConfig): ParsedConfig {
  return world.memo(`parsed ${refKey(refOf(config.collected.object))}`, () => readConfig(plainLines(config.text)));
}

function configInPod(world: World, subject: Subject): Reading<RenderedConfig> {
  if (subject.ref.kind !== 'Pod')
    return noPodToAsk(world, subject.ref, 'no pod runs that could be asked for its configuration');
  return chainReading(world.probe(subject.ref.namespace ?? '', subject.ref.name), (probe, from) => {
    const answer = probe.answers.find(({ id }) => id === 'config');
    if (!answer)
      return unknown(probe.complete ? 'no-evidence' : 'truncated', 'the pod was not asked for its haproxy.cfg');
    if (answer.status === CUT)
      return unknown('truncated', 'the haproxy.cfg in the pod is longer than the probe hands on');
    if (answer.status !== 0)
      return unknown('unreadable', `haproxy.cfg could not be read in the pod: ${answer.text.slice(0, 200)}`);
    const origin = { ...from, field: answer.argument };
    return known({ from: 'pod', deployed: true, ...readConfig(numberedLines(answer.text)), origin }, origin);
  });
}
