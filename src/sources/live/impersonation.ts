import { CannotRun } from '../../doctor/cannot-run.ts';
import type { ConnectionFlags } from './request.ts';

/** The headers of `--as`, `--as-group`, `--as-uid` and `--as-user-extra`, as the API server's documentation has them. */
export function impersonation(flags: ConnectionFlags): Record<string, string | string[]> {
  const { as, asGroups = [], asUid, asUserExtra = [] } = flags;
  if (as === undefined && (asGroups.length > 0 || asUid !== undefined || asUserExtra.length > 0)) {
    throw new CannotRun('--as-group, --as-uid and --as-user-extra need --as');
  }
  const headers: Record<string, string | string[]> = {};
  if (as !== undefined) headers['impersonate-user'] = as;
  if (asGroups.length > 0) headers['impersonate-group'] = [...asGroups];
  if (asUid !== undefined) headers['impersonate-uid'] = asUid;
  for (const extra of asUserExtra) {
    const equals = extra.indexOf('=');
    if (equals < 1) throw new CannotRun('--as-user-extra takes KEY=VALUE');
    const name = `impersonate-extra-${encodeURIComponent(extra.slice(0, equals)).toLowerCase()}`;
    headers[name] = [...[headers[name] ?? []].flat(), extra.slice(equals + 1)];
  }
  return headers;
}
