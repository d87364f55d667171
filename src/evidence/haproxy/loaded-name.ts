/**
 * Whether two names can only mean one file. HAProxy knows a certificate by the string of its configuration: `..` and
 * relative paths stay in it. Links are not followed: nothing shows them here.
 */
export function isSameFile(name: string, path: string): boolean {
  if (name === path) return true;
  if (name.startsWith('@')) return false;
  const left = normalized(name);
  const right = normalized(path);
  if (left === right) return true;
  return !left.startsWith('/') && left !== '' && right.endsWith(`/${left}`);
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
