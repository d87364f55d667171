// Makes the release in krew/dist: node krew/build.ts [PLATFORM…], such as linux-amd64; all of them without a word.
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './bundle.ts';
import { nameOf, platforms } from './platforms.ts';
import { makeRelease } from './release.ts';

const words = process.argv.slice(2);
const unknown = words.filter((word) => !platforms.some((platform) => nameOf(platform) === word));
if (unknown.length > 0) throw new Error(`no such platform: ${unknown.join(', ')}`);
const { version, homepage } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const output = join(root, 'krew/dist');
await makeRelease({
  version,
  platforms: words.length === 0 ? platforms : platforms.filter((platform) => words.includes(nameOf(platform))),
  output,
  archives: `${homepage}/releases/download/v${version}`,
  say: (line) => process.stdout.write(`${line}\n`),
});
await copyFile(join(output, 'haptic-spire.yaml'), join(root, 'krew/haptic-spire.yaml'));
