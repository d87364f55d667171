import { stringify } from 'yaml';
import type { Platform } from './platforms.ts';

export interface Release {
  readonly platform: Platform;
  readonly archive: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

export interface ManifestWords {
  /** Without the `v`. */
  readonly version: string;
  readonly homepage: string;
  /** Address of the folder with the archives, without a slash at its end. */
  readonly archives: string;
}

/** krew's plug-in manifest. */
export function krewManifest(words: ManifestWords, releases: readonly Release[]): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'haptic-spire' },
      spec: {
        version: `v${words.version}`,
        homepage: words.homepage,
        shortDescription: "Find the broken hop of SPIRE and HAProxy's mTLS",
        description: [
          'For HAPTIC installations whose HAProxy pods get SPIFFE identities from',
          'SPIRE: follows a certificate from SPIRE over the Workload API socket,',
          "spiffe-helper, the files and HAProxy's memory to the backend, names the",
          'first link that is broken and says what to type. Changes nothing and never',
          'reads a private key. Also judges rendered manifests and saved snapshots.',
          '',
        ].join('\n'),
        platforms: releases.map(({ platform, archive, sha256 }) => ({
          selector: { matchLabels: { os: platform.os, arch: platform.arch } },
          uri: `${words.archives}/${archive}`,
          sha256,
          bin: executableName(platform),
        })),
      },
    },
    { lineWidth: 0 },
  );
}

export function executableName(platform: Platform): string {
  return platform.os === 'windows' ? 'kubectl-haptic_spire.exe' : 'kubectl-haptic_spire';
}
