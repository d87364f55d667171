import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { krewManifest } from '../../krew/manifest.ts';
import { nameOf, platforms } from '../../krew/platforms.ts';

const releases = platforms.map((platform, index) => ({
  platform,
  archive: `${nameOf(platform)}.archive`,
  sha256: String(index).repeat(64),
}));
const manifest = parse(
  krewManifest(
    { version: '1.2.3', homepage: 'https://example.com/home', archives: 'https://example.com/v1.2.3' },
    releases,
  ),
);

describe('the krew manifest', () => {
  it('has one entry for every platform, with its own archive, checksum and executable', () => {
    expect(manifest.spec.platforms).toEqual(
      releases.map(({ platform, archive, sha256 }) => ({
        selector: { matchLabels: { os: platform.os, arch: platform.arch } },
        uri: `https://example.com/v1.2.3/${archive}`,
        sha256,
        bin: platform.os === 'windows' ? 'kubectl-haptic_spire.exe' : 'kubectl-haptic_spire',
      })),
    );
    expect(new Set(platforms.map(nameOf)).size).toBe(6);
  });

  it('keeps the rules of the central index on names, version and the length of its lines', () => {
    expect(manifest).toMatchObject({ metadata: { name: 'haptic-spire' }, spec: { version: 'v1.2.3' } });
    expect(manifest.spec.shortDescription.length).toBeLessThanOrEqual(50);
    expect(Math.max(...manifest.spec.description.split('\n').map((line: string) => line.length))).toBeLessThanOrEqual(
      80,
    );
  });
});
