import { text } from 'node:stream/consumers';
import type { Sandbox } from '../../seams.ts';

/**
 * Truncates and writes in place as Go's os.WriteFile does: the mode counts when the file is made, an existing one keeps
 * its own, and the umask takes the group's and others' write bits away.
 */
const SCRIPT = `cd / || exit
[ -e "$1" ] || new=1
umask 077
exec 3>"$1" || exit
[ -z "$new" ] || chmod "$2" "$1" || exit
exec cat >&3`;

/** Writes a file as the container's user sees it. The answer is Go's error, undefined when all went well. */
export async function writeFile(
  sandbox: Sandbox,
  path: string,
  mode: number,
  content: string,
): Promise<string | undefined> {
  const permissions = (mode & 0o777 & ~0o022).toString(8);
  const command = sandbox.run(['/bin/sh', '-c', SCRIPT, 'sh', path, permissions], content);
  command.stdout.resume();
  const [complaint, status] = await Promise.all([text(command.stderr), command.ended]);
  if (status === 0) return undefined;
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
  const command = sandbox.run(['/bin/sh', '-c', 'cd / && exec cat -- "$1"', 'sh', path]);
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
