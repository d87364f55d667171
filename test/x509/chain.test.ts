import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../src/evidence/x509/chain.ts';
import { mintCa } from '../scenario/certificates.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const HOUR = 3_600_000;
const day = { notBefore: NOW - HOUR, notAfter: NOW + 23 * HOUR };
const hour = { notBefore: NOW - HOUR / 2, notAfter: NOW + HOUR / 2 };
const uris = ['spiffe://prod.example.com/a'];

const root = await mintCa({ subject: 'CN=root', ...day });
const expiredRoot = await mintCa({ subject: 'CN=root', notBefore: NOW - 20 * HOUR, notAfter: NOW - HOUR });
const sub = await root.mintIntermediate({ subject: 'CN=sub', ...day });
const subsub = await sub.mintIntermediate({ subject: 'CN=subsub', ...day });
const direct = (await root.issue({ uris, ...hour })).certificate;
const nested = (await subsub.issue({ uris, ...hour })).certificate;

describe('verifyChain', () => {
  it('finds the root that signed the leaf', () => {
    expect(verifyChain(direct, [], [root.certificate], NOW)).toEqual({
      complete: true,
      path: [direct, root.certificate],
      untimely: [],
    });
  });

  it('goes through intermediates in any order', () => {
    const chain = verifyChain(
      nested,
      [sub.certificate, subsub.certificate],
      [expiredRoot.certificate, root.certificate],
      NOW,
    );
    expect(chain).toMatchObject({ complete: true, untimely: [] });
    expect(chain.path).toEqual([nested, subsub.certificate, sub.certificate, root.certificate]);
  });

  it('finds intermediates that stand in the bundle', () => {
    const chain = verifyChain(nested, [], [subsub.certificate, root.certificate], NOW);
    expect(chain).toMatchObject({ complete: true, path: [nested, subsub.certificate] });
  });

  it('says where an intermediate is missing', () => {
    expect(verifyChain(nested, [subsub.certificate], [root.certificate], NOW)).toMatchObject({
      complete: false,
      because: 'unknown-issuer',
      path: [nested, subsub.certificate],
      detail: 'no trusted certificate is called CN=sub',
    });
  });

  it('tells an authority of the same name with another key', () => {
    expect(verifyChain(direct, [], [expiredRoot.certificate], NOW)).toMatchObject({
      complete: false,
      because: 'other-key',
    });
  });

  it('has nothing to compare with in an empty bundle', () => {
    expect(verifyChain(direct, [], [], NOW)).toMatchObject({ complete: false, because: 'no-roots' });
  });

  it('names the authorities that are not valid now', async () => {
    const leaf = (await expiredRoot.issue({ uris, ...hour })).certificate;
    const chain = verifyChain(leaf, [], [root.certificate, expiredRoot.certificate], NOW);
    expect(chain).toMatchObject({ complete: true, untimely: [expiredRoot.certificate] });
    expect(verifyChain(leaf, [], [expiredRoot.certificate], NOW - 2 * HOUR)).toMatchObject({ untimely: [] });
  });

  it('prefers the path that is valid now when an authority was renewed under its key', async () => {
    const renewed = await mintCa({ subject: 'CN=twin', ...day });
    const lapsed = await mintCa({
      subject: 'CN=twin',
      notBefore: NOW - 20 * HOUR,
      notAfter: NOW - HOUR,
      keys: renewed.keys,
    });
    const leaf = (await renewed.issue({ uris, ...hour })).certificate;
    const chain = verifyChain(leaf, [], [lapsed.certificate, renewed.certificate], NOW);
    expect(chain).toMatchObject({ complete: true, untimely: [], path: [leaf, renewed.certificate] });
  });

  it('does not accept a leaf as an issuer', async () => {
    const imposter = await root.issue({ uris, subject: 'CN=imposter', ...hour });
    const forged = await mintCa({ subject: 'CN=imposter', ...day, keys: imposter.keys });
    const leaf = (await forged.issue({ uris, ...hour })).certificate;
    expect(verifyChain(leaf, [imposter.certificate], [root.certificate], NOW)).toMatchObject({
      complete: false,
      because: 'not-an-authority',
    });
  });

  it('ends on authorities that signed each other', async () => {
    const a = await mintCa({ subject: 'CN=loop', ...day });
    const many = await Promise.all(
      Array.from({ length: 12 }, () => a.mintIntermediate({ subject: 'CN=loop', ...day, keys: a.keys })),
    );
    const leaf = (await a.issue({ uris, ...hour })).certificate;
    const chain = verifyChain(
      leaf,
      many.map(({ certificate }) => certificate),
      [root.certificate],
      NOW,
    );
    expect(chain.complete).toBe(false);
  });
});
