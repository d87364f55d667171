import { shippedFile } from '../shipped-file.ts';
import type { Host } from './host.ts';
import { tool } from './tool.ts';

export interface VersionOptions {
  readonly output: 'text' | 'json';
}

/** Says which version runs, made from which commit, on which runtime. */
export async function version(options: VersionOptions, host: Host): Promise<number> {
  const commit = (await commitOfCheckout()) ?? null;
  if (options.output === 'json') {
    await host.stdout.write(`${JSON.stringify({ ...tool, commit, runtime: host.runtime }, undefined, 2)}\n`);
  } else {
    await host.stdout.write(
      `${tool.name} ${tool.version}${commit === null ? '' : ` (commit ${commit.slice(0, 12)})`}, ${host.runtime}\n`,
    );
  }
  return 0;
}

const COMMIT = /^[0-9a-f]{40,64}$/;

/** The commit that is checked out, or of which the executable was made. */
async function commitOfCheckout(): Promise<string | undefined> {
  const head = (await textOf('.git/HEAD'))?.trim();
  if (head === undefined || COMMIT.test(head)) return head;
  const reference = /^ref: (refs\/[A-Za-z0-9._/-]+)$/.exec(head)?.[1];
  if (reference === undefined || reference.includes('..')) return undefined;
  const loose = (await textOf(`.git/${reference}`))?.trim();
  if (loose !== undefined) return COMMIT.test(loose) ? loose : undefined;
  const packed = (await textOf('.git/packed-refs'))?.split('\n').find((line) => line.endsWith(` ${reference}`));
  return packed?.slice(0, packed.indexOf(' '));
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await shippedFile(path));
  } catch {
    return undefined;
  }
}
