import type { Finding } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { CertificateFile, SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Origin, Reading } from '../../src/evidence/reading.ts';
import type { messages } from './messages.ts';

/** What every part of this check looks at. */
export interface Look {
  readonly pod: PodView;
  readonly files: SvidFiles;
  readonly leaf: Certificate;
  readonly svid: CertificateFile;
  readonly agents: Reading<readonly ServingAgent[]>;
}

/** A finding of this check: its message id is one of the table's. */
export type OwnFinding = Finding & { readonly message: keyof typeof messages };

/** Tolerated between two clocks: SPIRE predates certificates by no more. */
export const CLOCK_TOLERANCE = 10_000;

/** Files younger than this may be half of a rotation: the helper writes three of them in place, one after the other. */
export const SETTLED = 30_000;

export function fileOf(pod: PodView, path: string): Origin {
  return { object: pod.ref, field: path };
}
