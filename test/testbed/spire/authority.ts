import { type LeafOptions, mintCa, type TestCa } from '../../scenario/certificates.ts';
import { type Entry, entryRevision } from './entry.ts';

const HOUR = 3_600_000;
/** SPIRE's server dates certificates back by this much, for clocks that are behind. */
const CUSHION = 10_000;

/** An X.509-SVID as an agent hands it out. */
export interface Svid {
  readonly entry: Entry;
  readonly revision: string;
  /** The leaf, then the intermediates; PEM. */
  readonly certificates: readonly string[];
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Issuance {
  /** How long ago it was issued, milliseconds; negative: in the future. */
  readonly age: number;
  /** Milliseconds. */
  readonly lifetime: number;
  /** `stranger`: an authority that no bundle holds. */
  readonly by: 'authority' | 'stranger';
  /** What a server that does not keep the rules puts into the leaf. */
  readonly leaf?: Omit<Partial<LeafOptions>, 'notBefore' | 'notAfter' | 'keys'>;
}

export interface AuthorityOptions {
  readonly trustDomain: string;
  readonly now: () => number;
  /** Workload SVIDs come from an intermediate below the root. */
  readonly nested: boolean;
}

/** The authority of one trust domain. */
export interface Authority {
  readonly trustDomain: string;
  /** Root certificates, the one in use first; PEM. */
  readonly bundle: () => readonly string[];
  readonly issue: (entry: Entry, how: Issuance) => Promise<Svid>;
  /** A new root issues from now on, and the bundle has the old ones as well; it ends in twelve hours unless told otherwise. */
  readonly rotate: (rootEnds?: number) => Promise<void>;
  /** The bundle forgets every root but the one in use. */
  readonly retire: () => void;
  /** Bundles that agents hand out instead of the real one; undefined: the real one again. */
  readonly pretend: (bundle: readonly string[] | undefined) => void;
}

export async function createAuthority({ trustDomain, now, nested }: AuthorityOptions): Promise<Authority> {
  const mint = async (
    name: string,
    rootEnds = now() + 12 * HOUR,
  ): Promise<{ readonly root: TestCa; readonly issuer: TestCa }> => {
    const uri = `spiffe://${trustDomain}`;
    const valid = { notBefore: now() - 12 * HOUR, notAfter: now() + 12 * HOUR };
    const root = await mintCa({ subject: `C=US, O=SPIFFE, CN=${name}`, uri, ...valid, notAfter: rootEnds });
    const below = { subject: `C=US, O=SPIRE, CN=${name}-intermediate`, uri, ...valid };
    return { root, issuer: nested ? await root.mintIntermediate(below) : root };
  };
  let generation = 1;
  let inUse = await mint(`${trustDomain}-${generation}`);
  let roots: readonly string[] = [inUse.root.certificatePem];
  let pretended: readonly string[] | undefined;
  let stranger: Promise<TestCa> | undefined;
  return {
    trustDomain,
    bundle: () => pretended ?? roots,
    async issue(entry, { age, lifetime, by, leaf }) {
      stranger ??= mint(`stranger-to-${trustDomain}`).then(({ issuer }) => issuer);
      const issuer = by === 'stranger' ? await stranger : inUse.issuer;
      const notBefore = now() - age - CUSHION;
      const notAfter = Math.min(now() - age + lifetime, issuer.certificate.notAfter);
      const issued = await issuer.issue({
        uris: [entry.spiffeId],
        dnsNames: entry.dnsNames,
        ...leaf,
        notBefore,
        notAfter,
      });
      return {
        entry,
        revision: entryRevision(entry),
        certificates: [issued.certificatePem, ...issuer.intermediatePems],
        keyPem: issued.privateKeyPem,
        notBefore,
        notAfter,
      };
    },
    async rotate(rootEnds) {
      generation += 1;
      inUse = await mint(`${trustDomain}-${generation}`, rootEnds);
      roots = [inUse.root.certificatePem, ...roots];
    },
    retire() {
      roots = [inUse.root.certificatePem];
    },
    pretend(bundle) {
      pretended = bundle;
    },
  };
}
