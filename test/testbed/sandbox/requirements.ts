import { getuid } from 'node:process';
import { locate } from '../../probe/requirements.ts';
import { haproxyFiles } from './releases.ts';

const PROGRAMS = ['unshare', 'nsenter', 'setpriv', 'mount', 'umount', 'pivot_root', 'bash', 'socat', 'sha256sum'];

/** Why no sandbox can run here, in words for a test's name; undefined: they can. */
export function sandboxRequirements(): string | undefined {
  if (getuid?.() !== 0) return 'sandboxes need root';
  const absent = PROGRAMS.filter(
    (program) => locate(program) === undefined && locate(`/sbin/${program}`) === undefined,
  );
  if (absent.length > 0) return `sandboxes need ${absent.join(', ')}`;
  if (haproxyFiles('2.6') === undefined) return 'sandboxes need Debian’s haproxy at /usr/sbin/haproxy';
  if (haproxyFiles('3.2') === undefined)
    return 'sandboxes need a HAProxy at $HAPROXY_NEW, as .ci/fetch-haproxy fetches it';
  return undefined;
}
