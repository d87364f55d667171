import type { BundleChange, PlaceholderKind, SvidChange } from './case-file.ts';
import { type Issued, mintCa, type TestCa } from './certificates.ts';
import { moment, OBSERVED_AT } from './moments.ts';

const DAY = 86_400_000;
export const HAPROXY_ID = 'spiffe://prod.example.com/ns/haptic/sa/default';

/** The authorities of a scenario. Minted once a process: certificates are public, and keys cost time. */
export interface Authorities {
  readonly spire: TestCa;
  readonly other: TestCa;
  readonly expired: TestCa;
  readonly intermediate: TestCa;
}

let authorities: Promise<Authorities> | undefined;
const issued = new Map<string, Promise<Issued>>();

export function mintAuthorities(): Promise<Authorities> {
  authorities ??= (async () => {
    const valid = { notBefore: OBSERVED_AT - DAY / 2, notAfter: OBSERVED_AT + DAY / 2 };
    const uri = 'spiffe://prod.example.com';
    const spire = await mintCa({ subject: 'CN=spire-1, O=SPIFFE, C=US', uri, ...valid });
    const other = await mintCa({ subject: 'CN=spire-0, O=SPIFFE, C=US', uri, ...valid });
    const expired = await mintCa({
      subject: 'CN=spire-old, O=SPIFFE, C=US',
      uri,
      notBefore: OBSERVED_AT - 3 * DAY,
      notAfter: OBSERVED_AT - DAY,
    });
    const intermediate = await spire.mintIntermediate({
      subject: 'CN=spire-intermediate, O=SPIFFE, C=US',
      uri,
      ...valid,
    });
    return { spire, other, expired, intermediate };
  })();
  return authorities;
}

/** Issues what a change describes; equal descriptions share one certificate. */
export function issueSvid(change: SvidChange, salt = ''): Promise<Issued> {
  const key = JSON.stringify([change, salt]);
  const before = issued.get(key);
  if (before !== undefined) return before;
  const made = (async () => {
    const { [change.ca ?? 'spire']: ca } = await mintAuthorities();
    const { keyUsage } = change;
    return ca.issue({
      notBefore: moment(change.notBefore ?? '-20m'),
      notAfter: moment(change.notAfter ?? '40m'),
      uris: change.uris ?? [HAPROXY_ID],
      dnsNames: change.dnsNames ?? ['haptic-haproxy.haptic.svc'],
      ...(change.subject === undefined ? {} : { subject: change.subject }),
      ...(change.isCa === undefined ? {} : { ca: change.isCa }),
      ...(keyUsage === undefined ? {} : { keyUsage: keyUsage as never }),
      ...(change.eku === undefined ? {} : { eku: change.eku }),
    });
  })();
  issued.set(key, made);
  return made;
}

export async function rootsOf(change: Pick<BundleChange, 'roots'>): Promise<readonly TestCa[]> {
  const all = await mintAuthorities();
  return change.roots.map((root) => all[root]);
}

type PlaceholderData = Record<string, string>;

const placeholders = new Map<PlaceholderKind | undefined, Promise<PlaceholderData>>();

/** The placeholder's PEMs as `mintPlaceholder` makes them, minted once a process for each kind. */
export async function placeholderData(kind?: PlaceholderKind): Promise<PlaceholderData> {
  const made = placeholders.get(kind) ?? mintPlaceholder(kind);
  placeholders.set(kind, made);
  return { ...(await made) };
}

/** The placeholder's PEMs: a self-signed certificate that no authority vouches for, unless a case wants it otherwise. */
export async function mintPlaceholder(kind?: PlaceholderKind): Promise<PlaceholderData> {
  if (kind === 'svid') {
    const svid = await issueSvid({}, 'copied');
    return {
      'svid.pem': svid.chainPem,
      'svid.pem.key': svid.privateKeyPem,
      'bundle.pem': (await mintAuthorities()).spire.certificatePem,
    };
  }
  const dummy = await mintDummy();
  const key = await (kind === 'other-key' ? await mintDummy() : dummy).privateKeyPem();
  if (kind === 'combined') return { 'svid.pem': key + dummy.certificatePem, 'bundle.pem': key + dummy.certificatePem };
  return { 'svid.pem': dummy.certificatePem, 'svid.pem.key': key, 'bundle.pem': dummy.certificatePem };
}

function mintDummy(): Promise<TestCa> {
  return mintCa({
    subject: 'CN=validation-placeholder-NOT-A-REAL-SECRET',
    notBefore: OBSERVED_AT - 30 * DAY,
    notAfter: OBSERVED_AT + 36_500 * DAY,
  });
}
