import type { Platform } from '../platform.ts';
import type { AgentServer } from './agent.ts';
import { type Authority, createAuthority, type Issuance } from './authority.ts';
import { type Entry, entryId, entryKey, trustDomainOf } from './entry.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

export interface IssuingOptions {
  /** How long SVIDs live unless their entry says otherwise, milliseconds; an hour. */
  readonly lifetime?: number;
  /**
   * How long ago SVIDs were issued that agents fetch before `settle`, milliseconds; 20 minutes, or a third of the
   * lifetime when that is less.
   */
  readonly age?: number;
  /** Workload SVIDs come from an intermediate authority. */
  readonly nested?: true;
}

/** The servers' side of SPIRE: authorities, and what an agent of a trust domain gets. */
export interface Issuing {
  /** Without a name: the only one that there is. */
  readonly authority: (trustDomain?: string) => Promise<Authority>;
  readonly serverOf: (trustDomain: string, how?: Partial<Issuance>) => Promise<AgentServer>;
  /** The past is over. */
  readonly settle: () => void;
}

/** `registered` are the entries that controllers have made. */
export function issuing(
  platform: Platform,
  registered: () => readonly Entry[],
  now: () => number,
  { lifetime = HOUR, age, nested }: IssuingOptions,
): Issuing {
  const authorities = new Map<string, Promise<Authority>>();
  let present: 'past' | 'now' = 'past';
  const authority = (trustDomain = onlyOne([...authorities.keys()])) => {
    const made = authorities.get(trustDomain) ?? createAuthority({ trustDomain, now, nested: nested === true });
    authorities.set(trustDomain, made);
    return made;
  };
  return {
    authority,
    async serverOf(trustDomain, how = {}) {
      const issuer = await authority(trustDomain);
      return {
        entries: [...registered(), ...manualEntries(platform)].filter((entry) => entry.trustDomain === trustDomain),
        bundle: issuer.bundle(),
        issue: (entry) => {
          const life = how.lifetime ?? entry.ttl ?? lifetime;
          const past = age ?? Math.min(20 * MINUTE, life / 3);
          return issuer.issue(entry, { age: present === 'past' ? past : 0, lifetime: life, by: 'authority', ...how });
        },
      };
    },
    settle: () => {
      present = 'now';
    },
  };
}

function manualEntries(platform: Platform): readonly Entry[] {
  return platform.spire.manualEntries.map(({ spiffeId, selectors, dnsNames }) => {
    const entry = { spiffeId, trustDomain: trustDomainOf(spiffeId), selectors, dnsNames, hint: '' };
    return { id: entryId(entryKey(entry)), ...entry };
  });
}

function onlyOne(trustDomains: readonly string[]): string {
  const [first, ...more] = trustDomains;
  if (first === undefined || more.length > 0) throw new Error('say which trust domain: there is not exactly one');
  return first;
}
