import { text } from 'node:stream/consumers';
import type { Sandbox } from '../../seams.ts';
import type { PlannedFile } from './files-of.ts';

/**
 * Truncates and writes in place as Go's os.WriteFile does: the mode counts when the file is made, an existing one keeps
 * its own, and the umask takes the group's and others' write bits away. Arguments in fours: path, umask, mode where no
 * umask can bring it about, content. Says which file it was at, from 0, when that fails.
 */
const SCRIPT = `cd / || exit
at=0
while [ $# -gt 0 ]; do
  new=
  [ -e "$1" ] || new=$3
  umask "$2"
  printf %s "$4" >"$1" && { [ -z "$new" ] || chmod "$new" "$1"; } || { echo "$at"; exit 1; }
  shift 4
  at=$((at + 1))
done`;

/** Writes files as the container's user sees them, until one fails. The answer is Go's error, undefined when all went well. */
export async function writeFiles(sandbox: Sandbox, files: readonly PlannedFile[]): Promise<string | undefined> {
  const words = files.flatMap(({ path, mode, content }) => {
    const permissions = mode & 0o777 & ~0o022;
    const canExecute = (permissions & 0o111) !== 0;
    return [path, (~permissions & 0o777).toString(8), canExecute ? permissions.toString(8) : '', content];
  });
  const command = sandbox.run(['/bin/sh', '-c', SCRIPT, 'sh', ...words], '');
  const [at, complaint, status] = await Promise.all([text(command.stdout), text(command.stderr), command.ended]);
  if (status === 0) return undefined;
  const path = files[Number(at)]?.path ?? '';
  const [, cannotOpen] = /cannot (?:create|open) .*: ([^:\n]+)$/m.exec(complaint) ?? [];
  if (cannotOpen !== undefined) return `open ${path}: ${errnoText(cannotOpen)}`;
  const [, cannotWrite = ''] = /: ([^:\n]+)$/m.exec(complaint) ?? [];
  return `write ${path}: ${errnoText(cannotWrite)}`;
}

/** Reads a file as the container's user; the error is Go's. */
export async function readFile(
  sandbox: Sandbox,
  path: string,
): Promise<{ readonly content: string } | { readonly error: string }> {
  const command = sandbox.run(['cat', '--', path], '');
  const [content, complaint, status] = await Promise.all([text(command.stdout), text(command.stderr), command.ended]);
  if (status === 0) return { content };
  const [, reason = ''] = /: ([^:\n]+)$/m.exec(complaint) ?? [];
  return { error: `open ${path}: ${errnoText(reason)}` };
}

/** dash has words of its own for ENOENT. */
function errnoText(words: string): string {
  if (/Directory nonexistent/i.test(words)) return 'no such file or directory';
  return words.trim().replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
