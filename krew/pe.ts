const CERTIFICATE_TABLE = 4;

/** The executable without the Authenticode signature of the runtime, which what is added to it makes wrong. */
export function withoutSignature(pe: Buffer): Buffer {
  const header = pe.readUInt32LE(0x3c);
  if (pe.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('not a PE file');
  const optional = header + 24;
  if (pe.readUInt16LE(optional) !== 0x20b) throw new Error('not a 64-bit PE file');
  const entry = optional + 112 + CERTIFICATE_TABLE * 8;
  const [offset, size] = [pe.readUInt32LE(entry), pe.readUInt32LE(entry + 4)];
  const atTheEnd = offset !== 0 && offset + size === pe.length;
  const unsigned = Buffer.from(atTheEnd ? pe.subarray(0, offset) : pe);
  unsigned.writeBigUInt64LE(0n, entry);
  // The loader checks this sum only in drivers; zero says that there is none.
  unsigned.writeUInt32LE(0, optional + 64);
  return unsigned;
}
