import type { FactReader } from '../catalogue.ts';
import { argumentsOf, type HelperArguments } from '../helper-config/arguments.ts';
import { parseAsMeant } from '../helper-config/as-meant.ts';
import { createdAt, dataChangedAt, inEffect } from '../helper-config/in-effect.ts';
import { configPaths, locateConfig } from '../helper-config/locate.ts';
import { releaseOf, versionOf } from '../helper-config/release.ts';
import type { Release } from '../helper-config/schema.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { absent, chainReading, known, mapReading, type ObjectRef, type Origin, type Reading } from '../reading.ts';
import type { World } from '../world.ts';
import { podOf } from './pod.ts';

/** One spiffe-helper container of a pod, and the release that its tag tells. */
export interface HelperView {
  readonly container: ContainerView;
  /** Absent when the tag does not tell (digest, `latest`, a site's own scheme). */
  readonly version?: HelperVersion;
}

export interface HelperVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** What one spiffe-helper was told to do. */
export interface HelperConfigView {
  /** Name of the container. */
  readonly helper: string;
  readonly arguments: HelperArguments;
  /** Path in the container that `-config` names (`helper.conf` in the working directory when nothing does). */
  readonly path: string;
  /** The text and where it stands; absent when the path leads nowhere. */
  readonly source: Reading<ConfigSource>;
  /** Where `source` is absent: paths in the container at which a mounted ConfigMap does have a text like helper.conf. */
  readonly elsewhere?: readonly string[];
  /** Whether the running process read this text. `no`: it was changed after the process started. */
  readonly inEffect: 'yes' | 'no' | 'unknown';
  /** Last change of the ConfigMap's data, epoch milliseconds, from managedFields. */
  readonly changedAt?: number;
  /** Known when `source` is. */
  readonly parsed: Reading<ParsedHelperConfig>;
}

export interface ConfigSource {
  readonly configMap: ObjectRef;
  readonly key: string;
  readonly text: string;
  readonly origin: Origin;
}

export type ParsedHelperConfig =
  | { readonly ok: true; readonly config: HelperConfig }
  /** As spiffe-helper's HCL library reports it; line and column are 1-based, columns count characters as the library does. */
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** A value and where it stands; for keys, where the key stands. */
export interface Setting<T> {
  readonly value: T;
  readonly line: number;
  readonly column: number;
}

/** helper.conf as spiffe-helper decodes it. A key that is not set is absent; keys match without regard to case. */
export interface HelperConfig {
  readonly agentAddress?: Setting<string>;
  readonly certDir?: Setting<string>;
  readonly svidFileName?: Setting<string>;
  readonly svidKeyFileName?: Setting<string>;
  readonly svidBundleFileName?: Setting<string>;
  readonly cmd?: Setting<string>;
  readonly cmdArgs?: Setting<string>;
  readonly pidFileName?: Setting<string>;
  readonly renewSignal?: Setting<string>;
  readonly addIntermediatesToBundle?: Setting<boolean>;
  readonly includeFederatedDomains?: Setting<boolean>;
  readonly omitExpired?: Setting<boolean>;
  readonly daemonMode?: Setting<boolean>;
  readonly hint?: Setting<string>;
  /** As the library decodes it: `0600` is octal, `600` is decimal (0o1130). */
  readonly certFileMode?: Setting<number>;
  readonly keyFileMode?: Setting<number>;
  readonly jwtBundleFileMode?: Setting<number>;
  readonly jwtSvidFileMode?: Setting<number>;
  readonly jwtBundleFileName?: Setting<string>;
  readonly healthChecks?: HealthChecks;
  /** Every top-level key as written, in order. */
  readonly keys: readonly Setting<string>[];
  /** Every key inside `health_checks`, as written. */
  readonly healthCheckKeys: readonly Setting<string>[];
  readonly jwtSvids: boolean;
  /** As decoded: a block `jwt_svids { … }` gives one entry for each of its keys. */
  readonly jwtSvidList: readonly JwtSvid[];
  /** Top-level keys that some release from 0.9 on refuses, and which. */
  readonly unknownKeys: readonly UnknownKey[];
  /** Top-level keys that the author means to set, whose values cannot be told from the text. */
  readonly unsaid?: readonly string[];
}

export interface UnknownKey extends Setting<string> {
  readonly rejectedBy: readonly Release[];
}

export interface JwtSvid {
  readonly line: number;
  readonly column: number;
  readonly audience?: Setting<string>;
  readonly fileName?: Setting<string>;
  readonly unknownKeys: readonly string[];
}

export interface HealthChecks {
  readonly line: number;
  readonly listenerEnabled?: Setting<boolean>;
  readonly bindPort?: Setting<number>;
  readonly livenessPath?: Setting<string>;
  readonly readinessPath?: Setting<string>;
}

/** Absent when no container of the pod runs spiffe-helper. */
export const helpers: FactReader<readonly HelperView[]> = {
  gather: ['pods'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), (pod, from) => {
      const containers = pod.containers.filter(({ role }) => role === 'spiffe-helper');
      if (containers.length === 0) return absent('container', 'a container that runs spiffe-helper', from);
      return known(containers.map(viewHelper), from);
    }),
};

/** One per helper, in the same order. */
export const helperConfigs: FactReader<readonly HelperConfigView[]> = {
  gather: ['pods', 'config-maps'],
  read: (world, subject) =>
    world.memoOf(subject.ref, 'helper configs', () =>
      chainReading(podOf(world, subject), (pod) =>
        mapReading(helpers.read(world, subject), (views) => views.map((view) => viewConfig(world, pod, view))),
      ),
    ),
};

function viewHelper(container: ContainerView): HelperView {
  const version = versionOf(container.image);
  return version ? { container, version } : { container };
}

function viewConfig(world: World, pod: PodView, { container, version }: HelperView): HelperConfigView {
  const given = argumentsOf(container);
  const path = given.config ?? 'helper.conf';
  const source = locateConfig(world, pod, container, path);
  const parsed = mapReading(source, ({ text }) =>
    // Many pods share one ConfigMap.
    world.memo(`helper.conf ${version ? releaseOf(version) : ''} ${text}`, () =>
      parseAsMeant(text, version && releaseOf(version)),
    ),
  );
  const changed = source.state === 'known' ? changeOf(world, source.value) : {};
  const changedAt = changed.at ?? changed.created;
  return {
    helper: container.name,
    arguments: given,
    path,
    source,
    ...(source.state === 'absent' ? { elsewhere: configPaths(world, pod, container) } : {}),
    inEffect: inEffect(pod, container, changed),
    ...(changedAt === undefined ? {} : { changedAt }),
    parsed,
  };
}

function changeOf(world: World, { configMap, key }: ConfigSource): { at?: number; created?: number } {
  const found = world.object('ConfigMap', configMap.namespace, configMap.name);
  if (found.state !== 'known') return {};
  const at = dataChangedAt(found.value.object, key);
  const created = createdAt(found.value.object);
  return { ...(at === undefined ? {} : { at }), ...(created === undefined ? {} : { created }) };
}
