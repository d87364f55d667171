import { readFile } from 'node:fs/promises';
import sea from 'node:sea';

/**
 * A file that ships with the program, by its path from the root of the repository (`checks/svid-valid/doc.md`): out of
 * the standalone executable, or out of the checkout or package that runs. Rejects when it isn't there.
 */
export async function shippedFile(path: string): Promise<Uint8Array> {
  if (sea.isSea()) return new Uint8Array(sea.getRawAsset(path));
  return readFile(new URL(`../${path}`, import.meta.url));
}
