import { parse } from 'yaml';
import type { Why } from '../../src/evidence/reading.ts';
import type { NotCollected } from '../../src/evidence/snapshot.ts';
import type { Editable, EditableObject } from './field-edit.ts';

/** One recorded situation and what the check must make of it; the file says in its first comment what is broken. */
export interface CaseFile {
  readonly source: 'live' | 'files';
  /** For files: as with --complete (default true). */
  readonly complete: boolean;
  readonly change: readonly Change[];
  /** Expected outcome by subject, `Pod haptic/haptic-haproxy-0`. */
  readonly expect: Readonly<Record<string, Expectation>>;
}

/** Message ids (none: ok), or a state with its reason. */
export type Expectation = readonly string[] | { readonly state: string; readonly why?: Why };

export type Change =
  | { readonly object: string; readonly replace: { readonly at: string; readonly from: string; readonly to: string } }
  | { readonly object: string; readonly set: { readonly at: string; readonly to?: Editable } }
  | { readonly remove: string }
  | { readonly add: EditableObject }
  | { readonly status: StatusChange }
  | { readonly log: LogChange }
  | { readonly svid: SvidChange }
  | { readonly bundle: BundleChange }
  | { readonly disk: DiskChange }
  | { readonly stat: StatChange }
  | { readonly memory: MemoryChange }
  | { readonly clock: OfPod & { readonly skew: string } }
  | {
      readonly answer: OfPod & {
        readonly id: string;
        readonly argument: string;
        readonly text?: string;
        readonly status?: number;
        readonly remove?: boolean;
      };
    }
  | { readonly refuse: RefuseChange }
  | { readonly placeholder: PlaceholderKind };

/** `other-key`: of two openssl runs; `combined`: certificate and key in svid.pem; `svid`: files copied from a HAProxy pod. */
export type PlaceholderKind = 'other-key' | 'combined' | 'svid';

/** Without a pod the change is made to every HAProxy pod. */
export interface OfPod {
  readonly pod?: string;
}

export interface StatusChange extends OfPod {
  readonly container: string;
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** An offset from now, `-60s`. */
  readonly running?: string;
  readonly terminated?: {
    readonly reason: string;
    readonly exitCode: number;
    readonly message?: string;
    readonly finished?: string;
  };
  readonly restarts?: number;
  readonly last?: {
    readonly reason: string;
    readonly exitCode: number;
    readonly message?: string;
    readonly finished?: string;
  };
}

export interface LogChange extends OfPod {
  readonly container: string;
  readonly previous?: boolean;
  /** `-60s the line`; replaces the log. */
  readonly lines: readonly string[];
}

/** A new SVID; what is left out stays as in the healthy base. */
export interface SvidChange extends OfPod {
  /** Where the new SVID is; default both. */
  readonly where?: 'both' | 'disk' | 'memory';
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly subject?: string;
  readonly ca?: 'spire' | 'other' | 'intermediate';
  /** Leaves the intermediate out of svid.pem. */
  readonly leafOnly?: boolean;
  readonly isCa?: boolean;
  readonly keyUsage?: 'none' | { readonly critical?: boolean; readonly uses: readonly string[] };
  readonly eku?: 'none' | readonly string[];
  /** `other`: the key file belongs to another certificate. */
  readonly key?: 'own' | 'other' | 'unknown';
  /** When the files were written; default notBefore. */
  readonly written?: string;
}

export interface BundleChange extends OfPod {
  readonly where?: 'both' | 'disk' | 'memory';
  readonly roots: readonly ('spire' | 'other' | 'expired' | 'intermediate')[];
}

export interface DiskChange extends OfPod {
  readonly absent: readonly ('directory' | 'svid' | 'key' | 'bundle')[];
}

export interface StatChange extends OfPod {
  readonly path: string;
  readonly type?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: string;
  readonly size?: number;
  readonly mtime?: string;
}

export interface MemoryChange extends OfPod {
  readonly version?: string;
  readonly loaded?: boolean;
  readonly status?: string;
  readonly silent?: boolean;
  /** Nothing listens on the master socket. */
  readonly dead?: boolean;
  /** An open transaction about this file. */
  readonly transaction?: string;
  readonly failedReloads?: number;
  readonly startupLogs?: readonly string[];
  readonly reader?: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] };
}

export interface RefuseChange {
  readonly what: 'probe' | 'log' | 'objects';
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly why: Why;
  readonly detail?: string;
  readonly rule?: NotCollected['rule'];
}

/** Reads a case file; its shape is checked as far as a typo would otherwise go unnoticed. */
export function parseCase(text: string, name: string): CaseFile {
  const document: unknown = parse(text);
  if (typeof document !== 'object' || document === null) throw new Error(`${name}: not a case`);
  const { source = 'live', complete = true, change = [], expect, ...rest } = document as Record<string, unknown>;
  const extra = Object.keys(rest);
  if (extra.length > 0) throw new Error(`${name}: unknown key ${extra.join(', ')}`);
  if (source !== 'live' && source !== 'files') throw new Error(`${name}: source is live or files`);
  if (typeof expect !== 'object' || expect === null || Object.keys(expect).length === 0)
    throw new Error(`${name}: expects nothing`);
  if (!/^#/.test(text)) throw new Error(`${name}: begins with no comment that says what is broken`);
  return {
    source,
    complete: complete !== false,
    change: change as readonly Change[],
    expect: expect as CaseFile['expect'],
  };
}
