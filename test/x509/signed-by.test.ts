import { expect, it } from 'vitest';
import { signedBy } from '../../src/evidence/x509/chain.ts';
import { mintCa } from '../scenario/certificates.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const dates = { notBefore: NOW - 3_600_000, notAfter: NOW + 3_600_000 };
const uris = ['spiffe://prod.example.com/a'];

it('asked again, each certificate is told from others of the same names by who signed it', async () => {
  const one = await mintCa({ subject: 'CN=root', ...dates });
  const other = await mintCa({ subject: 'CN=root', ...dates });
  const ofOne = (await one.issue({ uris, ...dates })).certificate;
  const ofOther = (await other.issue({ uris, ...dates })).certificate;
  const asked = () =>
    [ofOne, ofOther].map((leaf) => [one, other].map(({ certificate }) => signedBy(leaf, certificate)));
  const expected = [
    [true, false],
    [false, true],
  ];
  expect(asked()).toEqual(expected);
  expect(asked()).toEqual(expected);
});
