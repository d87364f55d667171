import { posix } from 'node:path';
import type { FactReader } from '../catalogue.ts';
import { parseHelperConfig } from '../helper-config/parse.ts';
import { releaseOf } from '../helper-config/release.ts';
import { repairSyntax } from '../helper-config/repair.ts';
import type { Release } from '../helper-config/schema.ts';
import { cleanPath, mountOf, pathInContainer } from '../mount-paths.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { chainReading, known, type Origin, type Reading, unknown, valueOr } from '../reading.ts';
import { makersOf } from '../spiffe-directory/makers.ts';
import type { World } from '../world.ts';
import { type HelperConfig, type HelperConfigView, type HelperView, helperConfigs, helpers } from './helpers.ts';
import { type MtlsSnippet, snippet } from './installation.ts';
import { podOf } from './pod.ts';
import { type RenderedConfig, renderedConfig } from './rendered-config.ts';
import type { SvidPaths } from './svid-files.ts';

/** How the pod spec provides the directory that spiffe-helper writes to and HAProxy reads from. */
export interface SpiffeDirectoryPlan {
  readonly helpers: readonly HelperDirectory[];
  /** What HAProxy, by its configuration or the snippet, reads; absent when neither was seen. */
  readonly expected?: SvidPaths & { readonly from: Origin };
}

export interface HelperDirectory {
  readonly helper: ContainerView;
  /** What helper.conf says, or plainly means where it does not parse; not known when it could not be read. */
  readonly config: Reading<HelperConfig>;
  /**
   * `cert_dir`; while `config` is not known, where this container sees the directory that HAProxy reads. The three file
   * names are joined to it; absent where helper.conf does not say.
   */
  readonly directory?: string;
  readonly svid?: string;
  readonly key?: string;
  readonly bundle?: string;
  /** Volume in which `directory` lies, by the helper's mounts; absent: the container's own file system. */
  readonly volume?: {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
    readonly pathInVolume: string;
  };
  /** Path at which container haproxy sees the same directory; absent: it doesn't. */
  readonly inHaproxy?: string;
  /** Containers whose command makes the directory in the same volume, in the order in which they run. */
  readonly makers: readonly ContainerView[];
  /** Containers that may make it: their command is not known, or names directories in a way that cannot be followed. */
  readonly possibleMakers: readonly ContainerView[];
  /** True when `directory` is the root of a volume, which exists by itself. */
  readonly isVolumeRoot: boolean;
}

export const spiffeDirectory: FactReader<SpiffeDirectoryPlan> = {
  gather: ['pods', 'config-maps', 'haptic-config', 'haproxy-cfg'],
  read: (world, subject) =>
    chainReading(podOf(world, subject), (pod, from) =>
      chainReading(helpers.read(world, subject), (views) => {
        const configs = valueOr(helperConfigs.read(world, subject), []);
        const expected =
          expectedBySnippet(snippet.read(world, subject)) ?? expectedByConfig(renderedConfig.read(world, subject));
        const plan = {
          helpers: views.map((helper) => {
            const view = configs.find((candidate) => candidate.helper === helper.container.name);
            return helperDirectory(pod, helper.container, configOf(world, helper, view), expected?.directory);
          }),
        };
        return known(expected ? { ...plan, expected } : plan, from);
      }),
    ),
};

function helperDirectory(
  pod: PodView,
  helper: ContainerView,
  config: Reading<HelperConfig>,
  expected: string | undefined,
): HelperDirectory {
  const base = { helper, config, makers: [], possibleMakers: [], isVolumeRoot: false };
  if (config.state !== 'known') {
    const wanted = expected === undefined ? undefined : seenByHelper(pod, helper, expected);
    return wanted === undefined ? base : { ...base, directory: wanted, ...placeOf(pod, helper, wanted) };
  }
  const { certDir, svidFileName, svidKeyFileName, svidBundleFileName } = config.value;
  if (!certDir?.value) return base;
  const directory = cleanPath(certDir.value);
  const file = (name: string | undefined) => (name ? posix.join(directory, name) : undefined);
  const svid = file(svidFileName?.value);
  const key = file(svidKeyFileName?.value);
  const bundle = file(svidBundleFileName?.value);
  return {
    ...base,
    directory,
    ...(svid ? { svid } : {}),
    ...(key ? { key } : {}),
    ...(bundle ? { bundle } : {}),
    ...placeOf(pod, helper, directory),
  };
}

type Place = Pick<HelperDirectory, 'volume' | 'inHaproxy' | 'makers' | 'possibleMakers' | 'isVolumeRoot'>;

/** Where a directory of the helper lies; undefined when it is in the container's own file system. */
function placeOf(pod: PodView, helper: ContainerView, directory: string): Place | undefined {
  const mounted = mountOf(helper, directory);
  if (!mounted) return undefined;
  const { mount, inVolume, rest } = mounted;
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const inHaproxy = haproxy && pathInContainer(haproxy, mount.volume, inVolume);
  return {
    volume: { name: mount.volume, mountPath: mount.path, readOnly: mount.readOnly, pathInVolume: inVolume },
    ...(inHaproxy === undefined ? {} : { inHaproxy }),
    ...makersOf(pod, helper, mount.volume, inVolume),
    // The kubelet makes a sub-path's directory itself.
    isVolumeRoot: rest === '',
  };
}

/** The helper's path of a directory that HAProxy reads. */
function seenByHelper(pod: PodView, helper: ContainerView, directory: string): string | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const mounted = haproxy && mountOf(haproxy, directory);
  return mounted && pathInContainer(helper, mounted.mount.volume, mounted.inVolume);
}

const FILE_KEYS = ['cert_dir', 'svid_file_name', 'svid_key_file_name', 'svid_bundle_file_name'];

function configOf(world: World, { version }: HelperView, view: HelperConfigView | undefined): Reading<HelperConfig> {
  if (!view) return unknown('no-evidence', 'helper.conf was not read');
  return chainReading(view.parsed, (parsed, from) => {
    if (parsed.ok) {
      const unsaid = parsed.config.unsaid?.find((key) => FILE_KEYS.includes(key));
      if (unsaid === undefined) return known(parsed.config, from);
      return unknown('unreadable', `what helper.conf of container ${view.helper} means ${unsaid} to be cannot be told`);
    }
    const text = view.source.state === 'known' ? view.source.value.text : '';
    const meant = world.memo(`meant by ${text}`, () => meantConfig(text, version && releaseOf(version)));
    return meant ? known(meant, from) : unknown('unreadable', `helper.conf does not parse at line ${parsed.line}`);
  });
}

/** What a text that does not parse was to say, where that is plain. */
function meantConfig(text: string, release: Release | undefined): HelperConfig | undefined {
  const fresh = repairSyntax(text, release);
  const parsed = fresh === undefined ? undefined : parseHelperConfig(fresh, release);
  return parsed?.ok ? parsed.config : undefined;
}

function expectedBySnippet(reading: Reading<MtlsSnippet>): (SvidPaths & { readonly from: Origin }) | undefined {
  if (reading.state !== 'known') return undefined;
  const { certificate, caFile, origin } = reading.value;
  return certificate && caFile ? pathsOf(certificate, caFile, origin) : undefined;
}

/** Only when all server lines with a client certificate name the same one: others may be about something else. */
function expectedByConfig(reading: Reading<RenderedConfig>): (SvidPaths & { readonly from: Origin }) | undefined {
  if (reading.state !== 'known') return undefined;
  const { backends, global, origin } = reading.value;
  const pairs = new Set<string>();
  for (const { tls } of backends.flatMap(({ servers }) => servers)) {
    if (!tls.ssl || !tls.crt || !tls.caFile) continue;
    pairs.add(JSON.stringify([cleanPath(tls.crt, global.crtBase ?? '/'), cleanPath(tls.caFile, global.caBase ?? '/')]));
  }
  const [only, ...others] = [...pairs];
  if (only === undefined || others.length > 0) return undefined;
  const [certificate = '', caFile = ''] = JSON.parse(only) as string[];
  return pathsOf(certificate, caFile, origin);
}

/** HAProxy looks for the key beside the certificate, with `.key` appended to the whole name. */
function pathsOf(
  certificate: string,
  caFile: string,
  from: Origin,
): (SvidPaths & { readonly from: Origin }) | undefined {
  if (!posix.isAbsolute(certificate) || !posix.isAbsolute(caFile)) return undefined;
  const svid = cleanPath(certificate);
  return { directory: posix.dirname(svid), svid, key: `${svid}.key`, bundle: cleanPath(caFile), from };
}
