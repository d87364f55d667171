import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from '../certificate.ts';

/** What a verifier with `roots` makes of a leaf that arrives with `intermediates`. */
export type Chain =
  | {
      readonly complete: true;
      /** Leaf first, trusted certificate last. */
      readonly path: readonly Certificate[];
      /** Authorities on the path that are not valid now, nearest to the leaf first; the leaf's own dates don't count. */
      readonly untimely: readonly Certificate[];
    }
  | {
      readonly complete: false;
      /** As far as it goes: leaf first, the last one's issuer was not found. */
      readonly path: readonly Certificate[];
      readonly because: BrokenChain;
      /** The same in words that can be shown. */
      readonly detail: string;
    };

export type BrokenChain =
  /** There is no trusted certificate at all. */
  | 'no-roots'
  /** A trusted certificate has the issuer's name and another key. */
  | 'other-key'
  /** The trusted certificates have other names than the issuer. */
  | 'unknown-issuer'
  /** The issuer is there and may not issue: cA is not set, or keyUsage lacks keyCertSign. */
  | 'not-an-authority';

/** A chain of SPIRE has two to four certificates, a bundle two to a few dozen. */
const MAX_DEPTH = 8;
const MAX_SIGNATURES = 256;

/**
 * Builds a path from the leaf to a trusted certificate by names and signatures. Every certificate of the bundle is an
 * anchor, self-signed or not, as Go's verifier has it. `at` is epoch milliseconds. Of several paths, one that is valid
 * now is preferred.
 */
export function verifyChain(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
  at: number,
): Chain {
  const search = new Search(intermediates, roots);
  const paths = search.from([leaf]);
  const ranked = paths.map((path) => ({
    path,
    untimely: path.slice(1).filter((authority) => !isCurrent(authority, at)),
  }));
  const best = ranked.reduce<(typeof ranked)[number] | undefined>(
    (chosen, next) => (chosen === undefined || next.untimely.length < chosen.untimely.length ? next : chosen),
    undefined,
  );
  if (best) return { complete: true, ...best };
  const path = search.furthest.length > 0 ? search.furthest : [leaf];
  const last = path.at(-1) ?? leaf;
  return { complete: false, path, ...search.explain(last) };
}

export function isCurrent(certificate: Certificate, at: number): boolean {
  return certificate.notBefore <= at && at <= certificate.notAfter;
}

/** True when `issuer` signed `certificate`. Names alone prove nothing: SPIRE gives all its authorities the same. */
export function signedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.issuer !== issuer.subject) return false;
  const known = signers.get(certificate) ?? new WeakMap<Certificate, boolean>();
  signers.set(certificate, known);
  const before = known.get(issuer);
  if (before !== undefined) return before;
  const signed = verify(certificate, issuer);
  known.set(issuer, signed);
  return signed;
}

/** Several checks ask, and a thousand SVIDs have the same issuers: neither changes once it was read. */
const signers = new WeakMap<Certificate, WeakMap<Certificate, boolean>>();
const publicKeys = new WeakMap<Certificate, KeyObject>();

function verify(certificate: Certificate, issuer: Certificate): boolean {
  try {
    const key = publicKeys.get(issuer) ?? new X509Certificate(issuer.pem).publicKey;
    publicKeys.set(issuer, key);
    return new X509Certificate(certificate.pem).verify(key);
  } catch {
    return false;
  }
}

class Search {
  furthest: readonly Certificate[] = [];
  readonly #intermediates: readonly Certificate[];
  readonly #roots: readonly Certificate[];
  #signatures = 0;

  constructor(intermediates: readonly Certificate[], roots: readonly Certificate[]) {
    this.#intermediates = intermediates;
    this.#roots = roots;
  }

  from(path: readonly Certificate[]): readonly (readonly Certificate[])[] {
    if (path.length > this.furthest.length) this.furthest = path;
    const last = path.at(-1);
    if (last === undefined || path.length > MAX_DEPTH) return [];
    const anchored = this.#issuersOf(last, this.#roots).map((root) => [...path, root]);
    const above = this.#issuersOf(last, this.#intermediates).filter(
      (next) => !path.some(({ sha1 }) => sha1 === next.sha1),
    );
    return [...anchored, ...above.flatMap((next) => this.from([...path, next]))];
  }

  explain(last: Certificate): { because: BrokenChain; detail: string } {
    const issuer = last.issuer === '' ? 'an issuer without a name' : last.issuer;
    if (this.#roots.length === 0)
      return { because: 'no-roots', detail: 'there is no trusted certificate to compare with' };
    const powerless = [...this.#intermediates, ...this.#roots].find((one) => !mayIssue(one) && signedBy(last, one));
    if (powerless)
      return { because: 'not-an-authority', detail: `${powerless.subject} signed it and is not an authority` };
    return this.#roots.some((root) => root.subject === last.issuer)
      ? { because: 'other-key', detail: `the trusted ${issuer} has another key than the one that signed it` }
      : { because: 'unknown-issuer', detail: `no trusted certificate is called ${issuer}` };
  }

  #issuersOf(certificate: Certificate, candidates: readonly Certificate[]): readonly Certificate[] {
    return candidates.filter((candidate) => {
      if (candidate.subject !== certificate.issuer || !mayIssue(candidate)) return false;
      this.#signatures += 1;
      return this.#signatures <= MAX_SIGNATURES && signedBy(certificate, candidate);
    });
  }
}

function mayIssue(certificate: Certificate): boolean {
  return certificate.ca && (certificate.keyUsage === undefined || certificate.keyUsage.uses.includes('keyCertSign'));
}
