import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../krew/bundle.ts';

/** The commands of a section of README.md, one list for each block of shell. */
export function commandsOf(heading: string): readonly (readonly string[])[] {
  const page = readFileSync(join(root, 'README.md'), 'utf8');
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) =>
    block.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
  );
}
