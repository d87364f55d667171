import { readFileSync } from 'node:fs';
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { dig, isObject, listAt, objectAt, textAt } from '../../evidence/json.ts';

/** A user of a kubeconfig, with what the client library leaves out. */
export interface KubeconfigUser extends User {
  /** Path of a file whose token wins over any other. */
  readonly tokenFile?: string;
  readonly impersonateUid?: string;
  readonly impersonateGroups?: readonly string[];
  /** Extra fields of the user to act as, by key. */
  readonly impersonateExtra?: Readonly<Record<string, readonly string[]>>;
}

const LEFT_OUT = /\b(?:as-uid|as-groups|as-user-extra|tokenFile)\b/;

/**
 * Adds to the users what the text of their kubeconfig says beyond what the client library reads. `wholePath` makes a path
 * from one as seen from the kubeconfig. Throws when the text is not YAML.
 */
export async function withWhatIsLeftOut(
  users: readonly User[],
  text: string,
  wholePath: (path: string) => string,
): Promise<readonly KubeconfigUser[]> {
  // Reading it again takes a parser that is not loaded, and hardly any kubeconfig needs it.
  if (!LEFT_OUT.test(text)) return users;
  const { parse } = await import('yaml');
  const entries = listAt(dig(parse(text, { merge: true }), 'users'));
  return users.map((user) => {
    const entry = entries.find((candidate) => dig(candidate, 'name') === user.name);
    return { ...user, ...leftOut(dig(entry, 'user'), wholePath) };
  });
}

function leftOut(entry: unknown, wholePath: (path: string) => string): Omit<KubeconfigUser, keyof User> {
  const tokenFile = textAt(dig(entry, 'tokenFile'));
  const uid = dig(entry, 'as-uid');
  const groups = listAt(dig(entry, 'as-groups')).map(String);
  const extra = dig(entry, 'as-user-extra');
  return {
    ...(tokenFile ? { tokenFile: wholePath(tokenFile) } : {}),
    ...(uid === undefined || uid === null || uid === '' ? {} : { impersonateUid: String(uid) }),
    ...(groups.length === 0 ? {} : { impersonateGroups: groups }),
    ...(isObject(extra) ? { impersonateExtra: valuesOf(extra) } : {}),
  };
}

function valuesOf(extra: unknown): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(objectAt(extra)).map(([key, values]) => [key, listAt(values).map(String)] as const);
  return Object.fromEntries(entries);
}

/** Reads the token file. Throws what reading threw, unless there is a token beside it. */
export function withTokenOfFile(user: KubeconfigUser): KubeconfigUser {
  if (user.tokenFile === undefined) return user;
  try {
    return { ...user, token: readFileSync(user.tokenFile, 'utf8').trim() };
  } catch (error) {
    if (user.token) return user;
    throw error;
  }
}
