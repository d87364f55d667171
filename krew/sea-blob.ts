/** How a blob begins, little endian. */
const MAGIC = Buffer.from([0x20, 0xda, 0x43, 0x01]);
/** By so many bytes at most is the newer head longer, up to the main script's name. */
const LONGER = 8;

/**
 * Puts the blob that an older Node made, which will read it, in the place of the one that a newer Node wrote into the
 * executable for the same settings. The newer head has more fields, so that the older blob fits, and what is left over
 * behind it is never read. Throws when there is not exactly one blob with this main script, or its rest is another.
 */
export function withBlob(executable: Buffer, blob: Buffer, main: string): Buffer {
  const head = blob.indexOf(main);
  const found: number[] = [];
  for (let at = executable.indexOf(MAGIC); at >= 0; at = executable.indexOf(MAGIC, at + 1)) {
    const name = executable.subarray(at, at + head + LONGER + main.length).indexOf(main);
    if (name >= head && executable.subarray(at + name, at + name + blob.length - head).equals(blob.subarray(head)))
      found.push(at);
  }
  const [at, ...more] = found;
  if (!blob.subarray(0, MAGIC.length).equals(MAGIC) || head < 0 || at === undefined || more.length > 0)
    throw new Error(`${found.length} places in the executable where the older blob fits`);
  const made = Buffer.from(executable);
  blob.copy(made, at);
  return made;
}
