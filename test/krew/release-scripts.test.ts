import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const folder = temporaryFolder('release-scripts-');
mkdirSync(join(folder, 'krew'));
for (const name of ['check-tag', 'release-notes']) cpSync(join(root, 'krew', name), join(folder, 'krew', name));

function release(script: string, tag: string, version: string, changelog: string) {
  writeFileSync(join(folder, 'package.json'), `{\n  "name": "it",\n  "version": "${version}",\n  "private": true\n}\n`);
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${changelog}`);
  return spawnSync(join(folder, 'krew', script), [tag], { encoding: 'utf8' });
}

const ENTRIES = '## 1.2.3 - 2026-11-22\n\n- One.\n- Two.\n\n## 1.2.2 - 2026-11-01\n\n- Zero.\n';

describe('a tag', () => {
  it('is taken when version and first heading agree', () => {
    expect(release('check-tag', 'v1.2.3', '1.2.3', ENTRIES)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['v1.2.4', '1.2.3', ENTRIES, 'tag v1.2.4, package.json v1.2.3\n'],
    ['1.2.3', '1.2.3', ENTRIES, 'tag 1.2.3, package.json v1.2.3\n'],
    [
      'v1.2.2',
      '1.2.2',
      ENTRIES,
      'CHANGELOG.md begins with "## 1.2.3 - 2026-11-22", not with "## 1.2.2 - YYYY-MM-DD"\n',
    ],
    [
      'v1.2.3',
      '1.2.3',
      ENTRIES.replace('2026-11-22', 'unreleased'),
      'CHANGELOG.md begins with "## 1.2.3 - unreleased", not with "## 1.2.3 - YYYY-MM-DD"\n',
    ],
    ['v1.2.3', '1.2.3', '', 'CHANGELOG.md begins with "", not with "## 1.2.3 - YYYY-MM-DD"\n'],
  ])('%s of version %s is refused when they differ', (tag, version, changelog, stderr) => {
    expect(release('check-tag', tag, version, changelog)).toMatchObject({ status: 1, stderr });
  });

  it('has the notes of its own entry', () => {
    expect(release('release-notes', 'v1.2.3', '1.2.3', ENTRIES).stdout).toBe('- One.\n- Two.\n');
    expect(release('release-notes', 'v1.2.2', '1.2.2', ENTRIES).stdout).toBe('- Zero.\n');
    expect(release('release-notes', 'v1.2', '1.2', ENTRIES)).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('the changelog', () => {
  it('begins with the version of package.json, released on a day or not yet', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const [first = ''] = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').match(/^## .*$/m) ?? [];
    expect(first).toMatch(new RegExp(`^## ${version.replaceAll('.', '\\.')} - (unreleased|\\d{4}-\\d\\d-\\d\\d)$`));
  });
});
