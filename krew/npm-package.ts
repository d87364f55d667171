// Makes of this checkout what `npm pack` packs, and takes it back: node krew/npm-package.ts prepack|postpack
// npm runs both. Node refuses to run TypeScript below node_modules, so the program goes in as a bundle; that has all of
// its packages inside and brings no runtime, so package.json in the archive names neither.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shippedFiles } from './assets.ts';
import { bundleForNode, OLDEST_NODE, root } from './bundle.ts';
import { notices } from './notices.ts';

const DIST = join(root, 'dist');
const PACKAGE = join(root, 'package.json');
/** Where the checkout's own package.json waits while npm packs. */
const KEPT = join(root, '.package.json.kept');

const [, , step] = process.argv;
if (step === 'prepack') await prepare();
else if (step === 'postpack') await takeBack();
else throw new Error('node krew/npm-package.ts prepack|postpack');

async function prepare(): Promise<void> {
  // After a pack that was cut off.
  await takeBack();
  const text = await readFile(PACKAGE, 'utf8');
  const { name, version, description, license, type, homepage, bin, config } = JSON.parse(text);
  const { parts, packages } = await bundleForNode(version);
  const program = [...parts].map(([file, content]) => [`program/${file}`, content] as const);
  for (const [path, content] of [...program, ...(await shippedFiles())]) await put(join(DIST, path), content);
  await put(join(DIST, 'THIRD-PARTY.txt'), await notices(packages));
  const published = {
    ...{ name, version, description, license, type, homepage, bin },
    files: ['bin', 'dist', 'CHANGELOG.md'],
    engines: { node: `>=${OLDEST_NODE.replace('node', '')}` },
    config,
  };
  await writeFile(KEPT, text);
  await writeFile(PACKAGE, `${JSON.stringify(published, undefined, 2)}\n`);
}

async function takeBack(): Promise<void> {
  if (existsSync(KEPT)) await rename(KEPT, PACKAGE);
  await rm(DIST, { recursive: true, force: true });
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
