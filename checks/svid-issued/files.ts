import type { Phase } from '../../src/doctor/check.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { Origin } from '../../src/evidence/reading.ts';
import { utc } from '../../src/evidence/x509/spans.ts';

/** Which of the three files of an SVID are there; undefined when one of them could not be looked at. */
export type FileSet =
  | { readonly state: 'complete' }
  | {
      readonly state: 'none' | 'partial';
      readonly present: readonly string[];
      readonly missing: readonly string[];
      readonly from: readonly Origin[];
    };

export function filesOf({ svid, key, bundle, paths }: SvidFiles): FileSet | undefined {
  const readings = [
    [paths.svid, svid],
    [paths.key, key],
    [paths.bundle, bundle],
  ] as const;
  if (readings.some(([, reading]) => reading.state === 'unknown')) return undefined;
  // What is there and empty was written by somebody; svid-valid looks into it.
  const missing = readings.flatMap(([path, reading]) => (reading.state === 'absent' ? [path] : []));
  if (missing.length === 0) return { state: 'complete' };
  const present = readings.flatMap(([path]) => (missing.includes(path) ? [] : [path]));
  const from = readings.flatMap(([path, reading]) =>
    reading.state === 'unknown' || !missing.includes(path) ? [] : [reading.from],
  );
  return { state: present.length === 0 ? 'none' : 'partial', present, missing, from };
}

/** When SPIRE stops issuing, HAProxy works on with the SVID that it has until that expires. */
export function whileItLasts({ svid }: SvidFiles, now: number): { readonly phase: Phase; readonly until: string } {
  const leaf = svid.state === 'known' ? svid.value.certificates[0] : undefined;
  return leaf && leaf.notAfter > now
    ? { phase: 'latent', until: `, valid until ${utc(leaf.notAfter)}` }
    : { phase: 'active', until: '' };
}
