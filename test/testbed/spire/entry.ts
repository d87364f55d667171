import { createHash } from 'node:crypto';

/** A registration entry as SPIRE's server holds it. */
export interface Entry {
  readonly id: string;
  readonly spiffeId: string;
  readonly trustDomain: string;
  /** The node whose agent may have it; absent: every agent of the trust domain. */
  readonly node?: string;
  /** `k8s:pod-uid:…`; a workload needs all of them. */
  readonly selectors: readonly string[];
  readonly dnsNames: readonly string[];
  /** Milliseconds; absent: the server's default. */
  readonly ttl?: number;
  /** Empty: none. */
  readonly hint: string;
}

/** What makes two entries one for the server: SPIFFE ID, parent and selectors. */
export function entryKey({ spiffeId, node, selectors }: Omit<Entry, 'id'>): string {
  return [spiffeId, node ?? '', ...selectors.toSorted()].join('\n');
}

/** A UUID that follows from the key, so that a run can be repeated. */
export function entryId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** What an SVID carries of its entry; another one is issued when it changes. */
export function entryRevision({ spiffeId, dnsNames, ttl }: Entry): string {
  return JSON.stringify([spiffeId, dnsNames, ttl ?? null]);
}

export function trustDomainOf(spiffeId: string): string {
  return /^spiffe:\/\/([^/]*)/.exec(spiffeId)?.[1] ?? '';
}
