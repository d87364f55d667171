import type { MessageData } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import { parseSpiffeId } from '../../src/evidence/x509/spiffe-id.ts';

/** A rule of the X.509-SVID standard that a leaf breaks. */
export interface BrokenRule {
  readonly message:
    | 'no-spiffe-id'
    | 'several-spiffe-ids'
    | 'malformed-spiffe-id'
    | 'is-authority'
    | 'key-usage'
    | 'extended-key-usage'
    | 'san-not-critical';
  readonly data: MessageData;
  readonly excerpt: string;
}

/** Everything that keeps a certificate from being the X.509-SVID of a workload. */
export function brokenRules(leaf: Certificate): readonly BrokenRule[] {
  const signs = authority(leaf);
  // What an authority may use its key for is another question.
  return [...identity(leaf), ...signs, ...(signs.length > 0 ? [] : usage(leaf)), ...purposes(leaf), ...nameless(leaf)];
}

function identity({ uris, subject, dnsNames }: Certificate): readonly BrokenRule[] {
  const [uri] = uris;
  if (uri === undefined) {
    return [
      {
        message: 'no-spiffe-id',
        data: { subject },
        excerpt: `DNS names: ${dnsNames.slice(0, 5).join(', ') || 'none'}`,
      },
    ];
  }
  if (uris.length > 1) {
    return [{ message: 'several-spiffe-ids', data: { count: uris.length }, excerpt: uris.slice(0, 5).join(', ') }];
  }
  const id = parseSpiffeId(uri);
  const because = !id.ok ? id.because : id.path === '' ? 'it names a trust domain and no workload' : undefined;
  return because === undefined ? [] : [{ message: 'malformed-spiffe-id', data: { uri, because }, excerpt: uri }];
}

function authority({ ca, keyUsage }: Certificate): readonly BrokenRule[] {
  const signs = keyUsage?.uses.filter((use) => use === 'keyCertSign' || use === 'cRLSign') ?? [];
  const why = [...(ca ? ['cA is set'] : []), ...signs.map((use) => `keyUsage has ${use}`)];
  return why.length === 0 ? [] : [{ message: 'is-authority', data: { why: why.join(', ') }, excerpt: why.join(', ') }];
}

function usage({ keyUsage }: Certificate): readonly BrokenRule[] {
  const why =
    keyUsage === undefined
      ? 'it has no keyUsage'
      : !keyUsage.uses.includes('digitalSignature')
        ? 'keyUsage lacks digitalSignature'
        : keyUsage.critical
          ? undefined
          : 'keyUsage is not critical';
  if (why === undefined) return [];
  return [{ message: 'key-usage', data: { why }, excerpt: keyUsage?.uses.join(', ') ?? 'no keyUsage' }];
}

function purposes({ extendedKeyUsage }: Certificate): readonly BrokenRule[] {
  const missing = ['clientAuth', 'serverAuth'].filter((purpose) => !extendedKeyUsage?.includes(purpose));
  if (extendedKeyUsage === undefined || missing.length === 0) return [];
  return [
    { message: 'extended-key-usage', data: { missing: missing.join(' and ') }, excerpt: extendedKeyUsage.join(', ') },
  ];
}

function nameless({ subject, sanCritical, uris }: Certificate): readonly BrokenRule[] {
  if (subject !== '' || sanCritical || uris.length === 0) return [];
  return [{ message: 'san-not-critical', data: {}, excerpt: 'empty subject' }];
}
