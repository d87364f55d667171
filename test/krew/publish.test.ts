import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const folder = temporaryFolder('publish-');
const FILES: Readonly<Record<string, string>> = {
  'kubectl-haptic_spire-v1.2.3-linux-amd64.tar.gz': 'an archive',
  'kubectl-haptic_spire-1.2.3.tgz': 'a package',
  'haptic-spire.yaml': 'metadata:\n  name: haptic-spire\nspec:\n  version: v1.2.3\n',
  'sbom.cdx.json': '{}',
};
let tools: string;
let calls: string;
beforeEach(() => {
  tools = mkdtempSync(join(folder, 'tools-'));
  calls = join(tools, 'calls');
  writeFileSync(calls, '');
});

/** A checkout with the scripts, and with what a build has left in `krew/dist`. */
function checkout({ built }: { readonly built: boolean }): string {
  const copy = mkdtempSync(join(folder, 'checkout-'));
  mkdirSync(join(copy, 'krew/dist'), { recursive: true });
  for (const name of ['check-tag', 'release-notes', 'pack-release', 'publish', 'open-index-update'])
    cpSync(join(root, 'krew', name), join(copy, 'krew', name));
  writeFileSync(join(copy, 'package.json'), '{\n  "version": "1.2.3",\n  "private": true\n}\n');
  writeFileSync(join(copy, 'CHANGELOG.md'), '# Changelog\n\n## 1.2.3 - 2026-11-22\n\n- One.\n');
  if (!built) return copy;
  const sums = Object.entries(FILES).map(([name, content]) => {
    writeFileSync(join(copy, 'krew/dist', name), content);
    return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
  });
  writeFileSync(join(copy, 'krew/dist/SHA256SUMS'), sums.join(''));
  writeFileSync(join(copy, 'krew/dist/left-over'), 'not listed');
  return copy;
}

/** Puts a program on the PATH that notes its words, then does what is given. */
function standIn(name: string, does = ''): void {
  writeFileSync(join(tools, name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> "${calls}"\n${does}\n`, { mode: 0o755 });
}

function run(copy: string, script: string, ...words: readonly string[]) {
  return spawnSync(join(copy, 'krew', script), words, {
    encoding: 'utf8',
    cwd: copy,
    env: { PATH: [tools, env.PATH].join(delimiter), HOME: tools },
  });
}

const called = () =>
  readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** What `publish` finds: the checkout of another machine with the archive unpacked in it. */
function handedOver(): string {
  const from = checkout({ built: true });
  expect(run(from, 'pack-release', join(tools, 'release.tar'))).toMatchObject({ status: 0, stderr: '' });
  const to = checkout({ built: false });
  expect(spawnSync('tar', ['xf', join(tools, 'release.tar')], { cwd: to })).toMatchObject({ status: 0 });
  return to;
}

describe('publishing', () => {
  it('signs the checksums, then attaches every file that they name, with the notes of the version', () => {
    const copy = handedOver();
    expect(existsSync(join(copy, 'krew/dist/left-over'))).toBe(false);
    standIn('cosign', 'echo signed > krew/dist/SHA256SUMS.sigstore.json');
    standIn('gh', `cp "$8" "${tools}/notes"`);
    expect(run(copy, 'publish', 'v1.2.3')).toMatchObject({ status: 0, stderr: '' });
    const [signed, released = '', ...more] = called();
    expect(signed).toBe('cosign sign-blob --yes --bundle krew/dist/SHA256SUMS.sigstore.json krew/dist/SHA256SUMS');
    expect(released).toMatch(/^gh release create v1\.2\.3 --verify-tag --title v1\.2\.3 --notes-file \S+ /);
    const attached = released.split(' ').slice(9);
    const expected = [...Object.keys(FILES), 'SHA256SUMS', 'SHA256SUMS.sigstore.json'];
    expect(attached.toSorted()).toEqual(expected.map((name) => `krew/dist/${name}`).toSorted());
    for (const path of attached) expect(existsSync(join(copy, path)), path).toBe(true);
    expect(readFileSync(join(tools, 'notes'), 'utf8')).toBe('- One.\n');
    expect(more).toEqual([]);
  });

  it.each<[string, string, (copy: string) => void]>([
    ['a file is not what was tested', 'v1.2.3', (copy) => writeFileSync(join(copy, 'krew/dist/sbom.cdx.json'), '{ }')],
    ['the tag is of another version', 'v1.2.4', () => undefined],
  ])('signs and releases nothing when %s', (_why, tag, change) => {
    const copy = handedOver();
    change(copy);
    standIn('cosign');
    standIn('gh');
    expect(run(copy, 'publish', tag).status).toBe(1);
    expect(called()).toEqual([]);
  });

  it('releases nothing when signing fails', () => {
    const copy = handedOver();
    standIn('cosign', 'exit 1');
    standIn('gh');
    expect(run(copy, 'publish', 'v1.2.3').status).toBe(1);
    expect(called().map((line) => line.split(' ')[0])).toEqual(['cosign']);
  });

  it('packs nothing when a file is not what the checksums say', () => {
    const copy = checkout({ built: true });
    writeFileSync(join(copy, 'krew/dist/sbom.cdx.json'), '{ }');
    expect(run(copy, 'pack-release', join(tools, 'release.tar')).status).toBe(1);
    expect(existsSync(join(tools, 'release.tar'))).toBe(false);
  });
});

describe('the update of krew’s index', () => {
  const git = (...words: readonly string[]) => {
    const ended = spawnSync('git', ['-c', 'user.name=it', '-c', 'user.email=it@localhost', ...words], {
      encoding: 'utf8',
    });
    expect(ended, ended.stderr).toMatchObject({ status: 0 });
    return ended.stdout;
  };

  /** An index with the manifests of others, and a fork of it. */
  function repositories(): { readonly index: string; readonly fork: string } {
    const [work, index, fork] = ['work', 'index', 'fork'].map((name) => join(tools, name));
    if (work === undefined || index === undefined || fork === undefined) throw new Error('three folders');
    mkdirSync(join(work, 'plugins'), { recursive: true });
    writeFileSync(join(work, 'plugins/other.yaml'), 'other\n');
    git('init', '--quiet', '--initial-branch=master', work);
    git('-C', work, 'add', '.');
    git('-C', work, 'commit', '--quiet', '--message=others');
    git('clone', '--quiet', '--bare', work, index);
    git('clone', '--quiet', '--bare', work, fork);
    return { index, fork };
  }

  it('is a branch of the fork with one more manifest, and a pull request', () => {
    const copy = checkout({ built: true });
    const { index, fork } = repositories();
    standIn('gh');
    expect(run(copy, 'open-index-update', index, fork)).toMatchObject({
      status: 0,
      stdout: 'pushed haptic-spire-v1.2.3\n',
    });
    const changed = git('-C', fork, 'diff', '--name-status', 'master', 'haptic-spire-v1.2.3');
    expect(changed).toBe('A\tplugins/haptic-spire.yaml\n');
    expect(git('-C', fork, 'show', 'haptic-spire-v1.2.3:plugins/haptic-spire.yaml')).toBe(FILES['haptic-spire.yaml']);
    expect(called()).toEqual([
      expect.stringMatching(/^gh pr create --repo .* --title Update haptic-spire to v1\.2\.3 /),
    ]);
    // Once more, as after a run that was cut off.
    expect(run(copy, 'open-index-update', index, fork)).toMatchObject({ status: 0 });
  });

  it('is none when the index has the version already', () => {
    const copy = checkout({ built: true });
    const { index, fork } = repositories();
    expect(run(copy, 'open-index-update', index, index)).toMatchObject({ status: 0 });
    git('-C', index, 'branch', '--force', 'master', 'haptic-spire-v1.2.3');
    standIn('gh');
    expect(run(copy, 'open-index-update', index, fork)).toMatchObject({
      status: 0,
      stdout: 'the index has haptic-spire v1.2.3 already\n',
    });
    expect(called()).toEqual([]);
  });
});
