import { posix } from 'node:path';
import type { FactReader } from '../catalogue.ts';
import { cleanPath, mountOf, pathInContainer } from '../mount-paths.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { chainReading, known, type Origin, type Reading, unknown, valueOr } from '../reading.ts';
import { makersOf } from '../spiffe-directory/makers.ts';
import { type HelperConfig, type HelperConfigView, helperConfigs, helpers } from './helpers.ts';
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
  /** What helper.conf says; not known when it could not be read or does not parse. */
  readonly config: Reading<HelperConfig>;
  /** `cert_dir` joined with the three file names; absent where helper.conf does not say. */
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
          helpers: views.map(({ container }) =>
            helperDirectory(
              pod,
              container,
              configs.find(({ helper }) => helper === container.name),
            ),
          ),
        };
        return known(expected ? { ...plan, expected } : plan, from);
      }),
    ),
};

function helperDirectory(pod: PodView, helper: ContainerView, view: HelperConfigView | undefined): HelperDirectory {
  const config = configOf(view);
  const base = { helper, config, makers: [], possibleMakers: [], isVolumeRoot: false };
  if (config.state !== 'known' || !config.value.certDir?.value) return base;
  const { certDir, svidFileName, svidKeyFileName, svidBundleFileName } = config.value;
  const directory = cleanPath(certDir.value);
  const file = (name: string | undefined) => (name ? posix.join(directory, name) : undefined);
  const files = {
    svid: file(svidFileName?.value),
    key: file(svidKeyFileName?.value),
    bundle: file(svidBundleFileName?.value),
  };
  const named = {
    ...base,
    directory,
    ...(files.svid ? { svid: files.svid } : {}),
    ...(files.key ? { key: files.key } : {}),
    ...(files.bundle ? { bundle: files.bundle } : {}),
  };
  const mounted = mountOf(helper, directory);
  if (!mounted) return named;
  const { mount, inVolume, rest } = mounted;
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const inHaproxy = haproxy && pathInContainer(haproxy, mount.volume, inVolume);
  return {
    ...named,
    volume: { name: mount.volume, mountPath: mount.path, readOnly: mount.readOnly, pathInVolume: inVolume },
    ...(inHaproxy === undefined ? {} : { inHaproxy }),
    ...makersOf(pod, helper, mount.volume, inVolume),
    // The kubelet makes a sub-path's directory itself.
    isVolumeRoot: rest === '',
  };
}

function configOf(view: HelperConfigView | undefined): Reading<HelperConfig> {
  if (!view) return unknown('no-evidence', 'helper.conf was not read');
  return chainReading(view.parsed, (parsed, from) =>
    parsed.ok ? known(parsed.config, from) : unknown('unreadable', `helper.conf does not parse at line ${parsed.line}`),
  );
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
