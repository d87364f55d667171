import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './bundle.ts';
import type { Platform } from './platforms.ts';
import { fetchRuntime } from './runtimes.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** The licences of the packages inside of the program, and of the runtime where that is inside too. */
export async function notices(packages: readonly string[], platform?: Platform): Promise<string> {
  const texts: string[] = [];
  for (const folder of packages) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const files = (await readdir(join(root, folder))).filter((file) => LICENCE_FILE.test(file)).toSorted();
    const words = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
    texts.push([`${name} ${version} (${license})`, ...words.map((text) => text.trim())].join('\n\n'));
  }
  if (platform !== undefined) {
    const licence = join(await fetchRuntime(platform.maker), platform.maker.licence ?? 'LICENSE');
    texts.push(`Node.js ${platform.runtime.version}\n\n${(await readFile(licence, 'utf8')).trim()}`);
  }
  return `${['This program contains the works below, each under its own terms.', ...texts].join(`\n\n${'='.repeat(72)}\n\n`)}\n`;
}
