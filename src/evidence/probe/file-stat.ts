import type { FileStat } from '../facts/svid-files.ts';
import { absent, known, type Origin, type Reading, unknown } from '../reading.ts';
import type { ProbeAnswer } from '../snapshot.ts';
import { NO_SUCH_COMMAND } from './status.ts';

const STAT = /^([a-z -]{1,40})\|(\d{1,10})\|(\d{1,10})\|([0-7]{1,5})\|(\d{1,16})\|(-?\d{1,12})$/;

/** Reads a `stat` answer of the probe. */
export function fileStatOf(answer: ProbeAnswer, from: Origin): Reading<FileStat> {
  const path = answer.argument;
  const at: Origin = { ...from, field: path };
  if (answer.status === NO_SUCH_COMMAND) return unknown('no-shell', 'container haproxy has no `stat`');
  if (answer.status !== 0) {
    if (/No such file|Not a directory/i.test(answer.text)) return absent('file', path, at);
    return unknown('unreadable', `${path} cannot be looked at: ${answer.text.split('\n', 1)[0]?.slice(0, 200) ?? ''}`);
  }
  const [, type, uid, gid, mode, size, mtime] = STAT.exec(answer.text.trim()) ?? [];
  if (type === undefined || mode === undefined)
    return unknown('unreadable', `what \`stat\` says about ${path} was not understood`);
  return known(
    {
      path,
      type: typeOf(type),
      uid: Number(uid),
      gid: Number(gid),
      mode: Number.parseInt(mode, 8),
      size: Number(size),
      mtime: Number(mtime) * 1000,
    },
    at,
  );
}

function typeOf(type: string): FileStat['type'] {
  if (type.startsWith('regular')) return 'file';
  if (type === 'directory') return 'directory';
  return type === 'symbolic link' ? 'link' : 'other';
}
