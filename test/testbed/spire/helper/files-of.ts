import { X509Certificate } from 'node:crypto';
import type { Svid } from '../authority.ts';
import type { HelperSettings } from './settings.ts';

/** One file to write, in the order in which spiffe-helper does. */
export interface PlannedFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** What spiffe-helper makes of an X.509 context (pkg/disk/x509.go); the error is its own. */
export function filesOf(
  settings: HelperSettings,
  svids: readonly Svid[],
  bundle: readonly string[],
  now: number,
): { readonly files: readonly PlannedFile[] } | { readonly error: string } {
  const { hint, files, certMode, keyMode } = settings;
  const svid = hint === '' ? svids[0] : svids.find(({ entry }) => entry.hint === hint);
  if (files === undefined) return { files: [] };
  if (svid === undefined) return { error: 'failed to find the hinted x509 SVID' };
  const [leaf = '', ...intermediates] = svid.certificates;
  const moves = settings.addIntermediatesToBundle;
  const pem = (certificates: readonly string[]) =>
    certificates
      .filter((one) => !settings.omitExpired || new X509Certificate(one).validToDate.getTime() >= now)
      .join('');
  return {
    files: [
      { path: files.svid, mode: certMode, content: pem(moves ? [leaf] : [leaf, ...intermediates]) },
      { path: files.key, mode: keyMode, content: svid.keyPem },
      { path: files.bundle, mode: certMode, content: pem(moves ? [...bundle, ...intermediates] : bundle) },
    ],
  };
}
