import { CannotRun } from '../../doctor/cannot-run.ts';
import type { KubeconfigUser } from './kubeconfig-user.ts';
import type { ConnectionFlags } from './request.ts';

/**
 * The headers of `--as`, `--as-group`, `--as-uid` and `--as-user-extra`, as the API server's documentation has them. What
 * no flag says the kubeconfig's user does.
 */
export function impersonation(
  flags: ConnectionFlags,
  kubeconfig: KubeconfigUser,
): Readonly<Record<string, string | string[]>> {
  const as = flags.as ?? kubeconfig.impersonateUser;
  const groups = flags.asGroups ?? kubeconfig.impersonateGroups ?? [];
  const uid = flags.asUid ?? kubeconfig.impersonateUid;
  const extras = { ...kubeconfig.impersonateExtra, ...typedExtras(flags.asUserExtra ?? []) };
  if (!as) {
    if (groups.length === 0 && uid === undefined && Object.keys(extras).length === 0) return {};
    throw new CannotRun('--as-group, --as-uid and --as-user-extra, or what the kubeconfig says like them, need --as');
  }
  const headers: Record<string, string | string[]> = { 'impersonate-user': as };
  if (groups.length > 0) headers['impersonate-group'] = [...groups];
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  for (const [key, values] of Object.entries(extras)) headers[`impersonate-extra-${headerKey(key)}`] = [...values];
  return headers;
}

/** Escaped as in a URL, and what may stand there but not in a header's name too. RFC 9110, section 5.6.2. */
function headerKey(key: string): string {
  const escaped = encodeURIComponent(key.toWellFormed());
  return escaped.replace(/[()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`).toLowerCase();
}

/** By key; what is typed takes the place of all that the kubeconfig has under it. */
function typedExtras(words: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const extras: Record<string, string[]> = Object.create(null);
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new CannotRun('--as-user-extra takes KEY=VALUE');
    const key = word.slice(0, equals);
    extras[key] = [...(extras[key] ?? []), word.slice(equals + 1)];
  }
  return extras;
}
