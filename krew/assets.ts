import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './bundle.ts';

const run = promisify(execFile);

/** Files that the program shows or reads at run time, by their path from the root of the repository. */
export async function shippedFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const checks = (await readdir(join(root, 'checks'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map((entry) => `checks/${entry.name}/doc.md`);
  const stories = (await readdir(join(root, 'src/sources/demo/stories'))).map(
    (name) => `src/sources/demo/stories/${name}`,
  );
  const paths = [...checks, ...stories, 'src/report/doctor-report.schema.json'].toSorted();
  const files = await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path))] as const));
  const commit = await commitBuilt();
  return new Map([...files, ...(commit === undefined ? [] : [['.git/HEAD', Buffer.from(commit)] as const])]);
}

/** The commit that is checked out, if what goes into the executable is as committed. */
async function commitBuilt(): Promise<string | undefined> {
  const inputs = ['bin', 'src', 'checks', 'krew', 'package.json', 'package-lock.json'];
  try {
    const { stdout: changed } = await run('git', ['status', '--porcelain', '--', ...inputs], { cwd: root });
    if (changed !== '') return undefined;
    return (await run('git', ['rev-parse', 'HEAD'], { cwd: root })).stdout.trim();
  } catch {
    return undefined;
  }
}
