import { X509Certificate as Accepted, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/evidence/certificate.ts';
import { type CertificateExtensions, readExtensions } from '../../src/evidence/x509/extensions.ts';
import { prepareReflect } from '../scenario/reflect-metadata.ts';

prepareReflect();
const x509 = await import('@peculiar/x509');
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const USES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

type Extension = InstanceType<typeof x509.Extension>;

async function mint(extensions: Extension[]): Promise<Uint8Array> {
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '4711',
      subject: 'C=US, O=SPIRE',
      issuer: 'C=US, O=SPIFFE',
      notBefore: new Date('2026-11-22T00:00:00Z'),
      notAfter: new Date('2026-11-23T00:00:00Z'),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      extensions,
    },
    crypto,
  );
  return new Uint8Array(certificate.rawData);
}

/** The same reading by a library that knows all of X.509; undefined when it takes exception. */
function byLibrary(der: Uint8Array): CertificateExtensions | undefined {
  try {
    const certificate = new x509.X509Certificate(Uint8Array.from(der));
    const spki = new Uint8Array(certificate.publicKey.rawData);
    // It writes the key anew, always with no unused bits: of a certificate that counts some it cannot tell.
    if (!Buffer.from(der).includes(spki)) return undefined;
    const san = certificate.getExtension(x509.SubjectAlternativeNameExtension);
    const usage = certificate.getExtension(x509.KeyUsagesExtension);
    const purposes = certificate.getExtension(x509.ExtendedKeyUsageExtension);
    const names = san?.names.items ?? [];
    const words = new Map([
      [SERVER_AUTH, 'serverAuth'],
      [CLIENT_AUTH, 'clientAuth'],
    ]);
    return {
      uris: names.filter(({ type }) => type === 'url').map(({ value }) => value),
      dnsNames: names.filter(({ type }) => type === 'dns').map(({ value }) => value),
      sanCritical: san?.critical ?? false,
      ca: certificate.getExtension(x509.BasicConstraintsExtension)?.ca ?? false,
      ...(usage
        ? { keyUsage: { critical: usage.critical, uses: USES.filter((_, bit) => (usage.usages & (1 << bit)) !== 0) } }
        : {}),
      ...(purposes ? { extendedKeyUsage: purposes.usages.map((id) => words.get(String(id)) ?? String(id)) } : {}),
      spki,
    };
  } catch {
    return undefined;
  }
}

const plain = (extensions: CertificateExtensions) => ({ ...extensions, spki: [...extensions.spki] });
const extension = (id: string, value: readonly number[], critical = false): Extension =>
  new x509.Extension(id, critical, Uint8Array.from(value));

const word = fc.stringMatching(/^[a-z0-9.-]{1,40}$/);
const ascii = fc.string({ unit: 'binary-ascii', maxLength: 60 });
const name = fc.oneof(
  fc.record({
    type: fc.constant('url' as const),
    value: fc.oneof(
      word.map((at) => `spiffe://${at}/a`),
      ascii,
    ),
  }),
  fc.record({ type: fc.constant('dns' as const), value: fc.oneof(word, ascii) }),
  fc.record({ type: fc.constant('email' as const), value: word.map((at) => `a@${at}`) }),
  fc.record({ type: fc.constant('ip' as const), value: fc.ipV4() }),
  fc.record({ type: fc.constant('dn' as const), value: word.map((at) => `CN=a${at.replaceAll(/[^a-z0-9]/g, '')}`) }),
  fc.record({ type: fc.constant('id' as const), value: fc.constant('1.2.3.4') }),
  fc.record({ type: fc.constant('upn' as const), value: word.map((at) => `a@${at}`) }),
);
const identifier = fc.oneof(
  fc.constantFrom(SERVER_AUTH, CLIENT_AUTH, '2.5.29.37.0', '0.9.2342'),
  fc.array(fc.nat(), { minLength: 1, maxLength: 6 }).map((arcs) => ['2', '999', ...arcs].join('.')),
);
const extensions = fc
  .record(
    {
      san: fc.record({ names: fc.array(name, { minLength: 1, maxLength: 12 }), critical: fc.boolean() }),
      constraints: fc.record({ ca: fc.boolean(), critical: fc.boolean(), length: fc.option(fc.nat(300)) }),
      usage: fc.record({ bits: fc.integer({ min: 1, max: 511 }), critical: fc.boolean() }),
      purposes: fc.uniqueArray(identifier, { minLength: 1, maxLength: 6 }),
      other: fc.record({ value: fc.uint8Array({ maxLength: 300 }), critical: fc.boolean() }),
    },
    { requiredKeys: [] },
  )
  .map(({ san, constraints, usage, purposes, other }) => [
    ...(other ? [new x509.Extension('2.999.1', other.critical, Uint8Array.from(other.value))] : []),
    ...(san ? [new x509.SubjectAlternativeNameExtension(san.names, san.critical)] : []),
    ...(constraints
      ? [
          new x509.BasicConstraintsExtension(
            constraints.ca,
            constraints.ca ? (constraints.length ?? undefined) : undefined,
            constraints.critical,
          ),
        ]
      : []),
    ...(usage ? [new x509.KeyUsagesExtension(usage.bits, usage.critical)] : []),
    ...(purposes ? [new x509.ExtendedKeyUsageExtension(purposes)] : []),
  ]);

describe('reading extensions', () => {
  it('gives what a library for X.509 gives, whatever is minted', async () => {
    await fc.assert(
      fc.asyncProperty(extensions, async (list) => {
        const der = await mint(list);
        const theirs = byLibrary(der);
        const mine = readExtensions(der);
        expect(theirs).toBeDefined();
        expect(mine).toMatchObject({ ok: true });
        if (mine.ok && theirs) expect(plain(mine.extensions)).toEqual(plain(theirs));
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same or nothing for what was changed on the way, and never throws', async () => {
    const der = await mint([
      new x509.SubjectAlternativeNameExtension(
        [
          { type: 'url', value: 'spiffe://prod.example.com/ns/haptic/sa/default' },
          { type: 'dns', value: 'haptic.haptic.svc' },
        ],
        true,
      ),
      new x509.BasicConstraintsExtension(true, 3, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH, '1.2.3.4']),
    ]);
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const changed = Uint8Array.from(der);
          for (const [at, byte] of changes) changed[at] = byte;
          const mine = readExtensions(changed);
          if (!mine.ok) refused += 1;
          const theirs = mine.ok && isCertificate(changed) ? byLibrary(changed) : undefined;
          if (!mine.ok || theirs === undefined) return;
          taken += 1;
          expect(plain(mine.extensions)).toEqual(plain(theirs));
        },
      ),
      { numRuns: 2000 },
    );
    // Neither side may be empty, or nothing was compared.
    expect(taken).toBeGreaterThan(250);
    expect(refused).toBeGreaterThan(250);
  });

  it('gives the public key as it stands in the certificate, with its count of unused bits', async () => {
    const changed = Buffer.from(await mint([]));
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey));
    const POINT = 65;
    const from = changed.indexOf(spki);
    changed[from + spki.length - POINT - 1] = 1;
    const mine = readExtensions(changed);
    expect(mine.ok && Buffer.from(mine.extensions.spki).equals(changed.subarray(from, from + spki.length))).toBe(true);
    expect(mine.ok && Buffer.from(mine.extensions.spki).equals(spki)).toBe(false);
  });

  it('refuses every certificate that ends early', async () => {
    const der = await mint([new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a' }])]);
    for (let length = 0; length < der.length; length += 1) {
      expect(readExtensions(der.subarray(0, length))).toMatchObject({ ok: false });
    }
    expect(readExtensions(der)).toMatchObject({ ok: true });
    expect(readExtensions(Uint8Array.from([...der, 0]))).toMatchObject({ ok: false });
  });

  it('never throws on anything, and takes no time for it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(readExtensions(bytes)).toMatchObject({ ok: false });
      }),
    );
    const deep = new Uint8Array(65_536).fill(0x30);
    expect(readExtensions(deep)).toMatchObject({ ok: false });
    expect(readExtensions(Uint8Array.from(randomBytes(65_536)))).toMatchObject({ ok: false });
  });

  const SAN = '2.5.29.17';
  const CONSTRAINTS = '2.5.29.19';
  const USAGE = '2.5.29.15';
  const PURPOSES = '2.5.29.37';

  it.each<[string, () => readonly Extension[], RegExp]>([
    ['a name twice', () => [extension(SAN, [0x30, 0]), extension(SAN, [0x30, 0])], /2\.5\.29\.17 is there twice/],
    ['a name beyond ASCII', () => [extension(SAN, [0x30, 3, 0x86, 1, 0xe4])], /IA5String/],
    ['a name of no kind', () => [extension(SAN, [0x30, 3, 0x89, 1, 0x61])], /no known kind/],
    ['something behind the names', () => [extension(SAN, [0x30, 0, 5, 0])], /behind the last/],
    ['names longer than the extension', () => [extension(SAN, [0x30, 4, 0x82, 1, 0x61])], /longer than what holds it/],
    ['an empty value', () => [extension(SAN, [])], /the end/],
    ['a length in more bytes than needed', () => [extension(SAN, [0x30, 0x81, 0])], /longer than it must be/],
    ['a length that ends later', () => [extension(SAN, [0x30, 0x80, 0, 0])], /without end/],
    ['a boolean that is neither', () => [extension(CONSTRAINTS, [0x30, 3, 1, 1, 1])], /neither/],
    ['an authority of something else', () => [extension(CONSTRAINTS, [0x30, 3, 2, 1, 0, 4])], /./],
    ['uses that are no bits', () => [extension(USAGE, [4, 1, 0x80])], /tag 4 instead of 3/],
    ['uses with more unused bits than a byte has', () => [extension(USAGE, [3, 2, 8, 0])], /not a bit string/],
    ['uses in unused bits', () => [extension(USAGE, [3, 2, 7, 0x40])], /bits set/],
    ['a purpose without end', () => [extension(PURPOSES, [0x30, 3, 6, 1, 0x80])], /./],
    ['an empty purpose', () => [extension(PURPOSES, [0x30, 2, 6, 0])], /not an object identifier/],
  ])('refuses %s', async (_, list, because) => {
    const read = readExtensions(await mint([...list()]));
    expect(read).toEqual({ ok: false, because: expect.stringMatching(because) });
  });

  it('makes a certificate unreadable that OpenSSL takes, and says why', async () => {
    const der = await mint([extension(CONSTRAINTS, [0x30, 3, 1, 1, 1], true)]);
    expect(isCertificate(der)).toBe(true);
    expect(parseCertificate(der)).toEqual({
      ok: false,
      because: 'its extensions cannot be read: a boolean that is neither',
    });
  });

  it('passes names over that no check reads', async () => {
    const otherName = [0xa0, 9, 6, 3, 0x2a, 3, 4, 0xa0, 2, 0x0c, 0];
    const uri = [0x86, 3, 0x61, 0x3a, 0x62];
    const read = readExtensions(await mint([extension(SAN, [0x30, 16, ...otherName, ...uri], true)]));
    expect(read).toMatchObject({ ok: true, extensions: { uris: ['a:b'], dnsNames: [], sanCritical: true } });
  });
});

function isCertificate(der: Uint8Array): boolean {
  try {
    return new Accepted(der).raw.length === der.length;
  } catch {
    return false;
  }
}
