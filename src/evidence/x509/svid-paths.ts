import { posix } from 'node:path';
import { helperConfigs } from '../facts/helpers.ts';
import { snippet } from '../facts/installation.ts';
import { podOf } from '../facts/pod.ts';
import { type RenderedConfig, renderedConfig, type ServerTls } from '../facts/rendered-config.ts';
import type { SvidPaths } from '../facts/svid-files.ts';
import { mountOf, pathInContainer } from '../mount-paths.ts';
import type { Subject } from '../subject.ts';
import type { World } from '../world.ts';

/** What the guide's snippet and helper.conf name. */
const GUIDE = pathsFor('/etc/haproxy/spiffe/svid.pem', '/etc/haproxy/spiffe/bundle.pem');

/**
 * Where container haproxy looks for its SVID: by what it was given as configuration, else by the snippet that will be
 * rendered, else by what its helper writes, else the guide's paths.
 */
export function svidPathsOf(world: World, subject: Subject): SvidPaths {
  return expectedSvidPaths(world, subject) ?? fromHelper(world, subject) ?? GUIDE;
}

/** The same, as far as HAProxy's configuration or the snippet say it. */
export function expectedSvidPaths(world: World, subject: Subject): SvidPaths | undefined {
  const template = snippet.read(world, subject);
  const declared = template.state === 'known' ? template.value : undefined;
  const config = renderedConfig.read(world, subject);
  const inForce = config.state === 'known' ? fromConfig(config.value, declared?.certificate) : undefined;
  if (inForce) return inForce;
  return declared?.certificate?.startsWith('/') ? pathsFor(declared.certificate, declared.caFile) : undefined;
}

/** The client certificate that most servers present; the snippet's, when any of them does. */
function fromConfig({ backends, global }: RenderedConfig, preferred: string | undefined): SvidPaths | undefined {
  const votes = new Map<string, { readonly tls: ServerTls; count: number }>();
  for (const { servers } of backends) {
    for (const { tls } of servers) {
      if (!tls.ssl || tls.crt === undefined || tls.crt.startsWith('@')) continue;
      const vote = votes.get(tls.crt) ?? { tls, count: 0 };
      vote.count += 1;
      votes.set(tls.crt, vote);
    }
  }
  const ranked = [...votes].sort(([, a], [, b]) => b.count - a.count);
  const [crt, winner] = ranked.find(([name]) => name === preferred) ?? ranked[0] ?? [];
  if (crt === undefined || winner === undefined) return undefined;
  const certificate = absolute(crt, global.crtBase);
  const { caFile } = winner.tls;
  if (certificate === undefined) return undefined;
  return pathsFor(
    certificate,
    caFile === undefined ? undefined : absolute(caFile, global.caBase),
    global.loadExtraFiles,
  );
}

function fromHelper(world: World, subject: Subject): SvidPaths | undefined {
  const pod = podOf(world, subject);
  const configs = helperConfigs.read(world, subject);
  if (pod.state !== 'known' || configs.state !== 'known') return undefined;
  const haproxy = pod.value.containers.find(({ role }) => role === 'haproxy');
  for (const { helper, parsed } of configs.value) {
    const container = pod.value.containers.find(({ name }) => name === helper);
    if (parsed.state !== 'known' || !parsed.value.ok || !container || !haproxy) continue;
    const { certDir, svidFileName, svidBundleFileName } = parsed.value.config;
    if (!certDir || !svidFileName) continue;
    const place = mountOf(container, certDir.value);
    const directory = place && pathInContainer(haproxy, place.mount.volume, place.inVolume);
    if (directory === undefined) continue;
    const bundle = svidBundleFileName && posix.join(directory, svidBundleFileName.value);
    return pathsFor(posix.join(directory, svidFileName.value), bundle);
  }
  return undefined;
}

function absolute(name: string, base: string | undefined): string | undefined {
  if (name.startsWith('/')) return name;
  return base?.startsWith('/') ? posix.join(base, name) : undefined;
}

function pathsFor(svid: string, bundle: string | undefined, loadExtraFiles?: string): SvidPaths {
  const directory = posix.dirname(svid);
  // Unless it may load no extra files, HAProxy looks for the key beside the certificate under this name and no other.
  const key = loadExtraFiles === 'none' ? svid : `${svid}.key`;
  return { directory, svid, key, bundle: bundle?.startsWith('/') ? bundle : posix.join(directory, 'bundle.pem') };
}
