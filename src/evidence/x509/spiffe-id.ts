/** A SPIFFE ID taken apart, or why the text is none. */
export type SpiffeId =
  | { readonly ok: true; readonly trustDomain: string; readonly path: string }
  | { readonly ok: false; readonly because: string };

const MAX_LENGTH = 2048;

/** Follows the SPIFFE-ID standard: lower-case trust domain, plain path segments, no query, no port, no escapes. */
export function parseSpiffeId(text: string): SpiffeId {
  if (text.length > MAX_LENGTH) return refuse(`it is longer than ${MAX_LENGTH} characters`);
  if (!text.startsWith('spiffe://')) return refuse('its scheme is not spiffe');
  const [trustDomain = '', ...segments] = text.slice('spiffe://'.length).split('/');
  if (!/^[a-z0-9._-]+$/.test(trustDomain)) return refuse('its trust domain is not made of a-z, 0-9, ".", "_" and "-"');
  if (segments.length === 0) return { ok: true, trustDomain, path: '' };
  if (segments.some((segment) => segment === '')) return refuse('its path has an empty segment');
  if (segments.some((segment) => segment === '.' || segment === '..')) return refuse('its path has a relative segment');
  if (!segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment))) {
    return refuse('its path is not made of A-Z, a-z, 0-9, ".", "_" and "-"');
  }
  return { ok: true, trustDomain, path: `/${segments.join('/')}` };
}

function refuse(because: string): SpiffeId {
  return { ok: false, because };
}
