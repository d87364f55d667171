import type { ExpectedFile, Placeholder, PlaceholderFile } from '../../src/evidence/facts/controller.ts';
import type { Unknown } from '../../src/evidence/reading.ts';
import type { PemBlock } from '../../src/evidence/reduced-pem.ts';

/** What `haproxy -c` makes of the files, in the order in which it reads them. */
export type Trouble =
  | {
      readonly kind: 'no-certificate' | 'no-private-key' | 'key-mismatch';
      readonly file: PlaceholderFile;
      readonly path: string;
      readonly says: string;
    }
  | { readonly kind: 'missing'; readonly expected: ExpectedFile; readonly says: string };

export interface Loaded {
  readonly troubles: readonly Trouble[];
  /** Files that could not be looked at. */
  readonly unseen: readonly { readonly path: string; readonly reading: Unknown }[];
}

/** Loads `crt` and `ca-file` as HAProxy does from 2.6 on: a key in the certificate's own file wins over the `.key` file. */
export function loadAsHaproxy({ expected }: Placeholder): Loaded {
  const troubles: Trouble[] = [];
  const unseen: { path: string; reading: Unknown }[] = [];
  const role = (wanted: ExpectedFile['role']) => expected.find((file) => file.role === wanted);
  for (const file of expected) if (file.file.state === 'unknown') unseen.push({ path: file.path, reading: file.file });

  const bundle = role('bundle');
  if (bundle?.file.state === 'absent') {
    troubles.push({
      kind: 'missing',
      expected: bundle,
      says: `Couldn't open the ca-file '${bundle.path}' (No such file or directory).`,
    });
  } else if (bundle?.file.state === 'known') {
    const because = caFailure(bundle.file.value.blocks);
    if (because) {
      troubles.push({
        kind: 'no-certificate',
        file: bundle.file.value,
        path: bundle.path,
        says: `Couldn't open the ca-file '${bundle.path}' (${because}).`,
      });
    }
  }

  const certificate = role('certificate');
  if (certificate?.file.state === 'absent') {
    const says = `unable to stat SSL certificate from file '${certificate.path}' : No such file or directory.`;
    troubles.push({ kind: 'missing', expected: certificate, says });
  }
  if (certificate?.file.state !== 'known') return { troubles, unseen };
  const { blocks, certificates } = certificate.file.value;
  const broken = blocks.find((block) => block.class === 'certificate' && !block.loads.ok);
  if (certificates.length === 0 || broken) {
    const because = broken && 'loads' in broken && !broken.loads.ok ? broken.loads.because : 'no start line';
    const says = `unable to load certificate from file '${certificate.path}': ${because}.`;
    troubles.push({ kind: 'no-certificate', file: certificate.file.value, path: certificate.path, says });
    return { troubles, unseen };
  }
  const own = blocks.find(isKey);
  const separate = role('key');
  const keyFile = own ? certificate : separate;
  if (!keyFile) return { troubles, unseen };
  if (keyFile.file.state === 'absent') {
    troubles.push({ kind: 'missing', expected: keyFile, says: `No Private Key found in '${keyFile.path}'.` });
  } else if (keyFile.file.state === 'known') {
    const key = keyFile.file.value.blocks.find(isKey);
    const spki = certificates[0]?.spkiSha256;
    if (!key?.loads.ok || key.encrypted) {
      const says = `unable to load private key from file '${keyFile.path}'.`;
      troubles.push({ kind: 'no-private-key', file: keyFile.file.value, path: keyFile.path, says });
    } else if (key.spkiSha256 !== undefined && spki !== undefined && key.spkiSha256 !== spki) {
      const says = `inconsistencies between private key and certificate loaded '${certificate.path}'.`;
      troubles.push({ kind: 'key-mismatch', file: keyFile.file.value, path: keyFile.path, says });
    }
  }
  return { troubles, unseen };
}

function isKey(block: PemBlock): block is PemBlock & { readonly class: 'key' } {
  return block.class === 'key';
}

/** A CA file needs one certificate or CRL, and none that is broken. */
function caFailure(blocks: readonly PemBlock[]): string | undefined {
  for (const block of blocks) {
    const counts = block.class === 'certificate' || (block.class === 'other' && block.label === 'X509 CRL');
    if (counts && !block.loads.ok) return block.loads.because;
  }
  const some = blocks.some(
    (block) => (block.class === 'certificate' || block.class === 'other') && block.loads.ok && holdsTrust(block),
  );
  return some ? undefined : 'no certificate or crl found';
}

function holdsTrust(block: PemBlock): boolean {
  return block.class === 'certificate' || (block.class === 'other' && block.label === 'X509 CRL');
}

/** What stands where something else should, in words. */
export function describeContent({ blocks }: PlaceholderFile): string {
  const [first] = blocks;
  if (!first) return 'nothing';
  const words = blocks.map((block) => {
    if (block.class === 'text') return block.resembles ? `an indented or misspelt ${block.resembles}` : 'text';
    if (block.class === 'other') return `a ${block.label} block`;
    const name =
      block.class === 'key' ? (block.encrypted ? 'an encrypted private key' : 'a private key') : 'a certificate';
    return block.loads.ok ? name : `${name} that does not load (${block.loads.because})`;
  });
  return [...new Set(words)].slice(0, 3).join(' and ');
}
