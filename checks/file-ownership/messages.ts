import type { Message } from '../../src/doctor/check.ts';

export const messages = {
  'key-unreadable': {
    role: 'cause',
    severity: 'fail',
    text: 'HAProxy (UID {readerUid}, groups {readerGroups}) cannot read {path}: it belongs to UID {uid}, GID {gid}, with mode {mode}.',
    avoid: ['Do not open the key to everyone (mode 0644 or 0777).'],
  },
  'helper-user-differs': {
    role: 'cause',
    severity: 'fail',
    text: 'spiffe-helper in container {helper} writes the key as {writer} with mode {mode}; HAProxy runs as {reader} and will not be able to read it.',
    avoid: ['Do not open the key to everyone (mode 0644 or 0777).'],
  },
  'enterprise-user': {
    role: 'cause',
    severity: 'fail',
    text: 'This is HAProxy Enterprise, which runs as UID {readerUid}; container {helper} writes the key as {writer} with mode {mode}. UID 99 is right for the community images only.',
    avoid: ['Do not open the key to everyone (mode 0644 or 0777).'],
  },
  'reloader-cannot-read': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader}, which pushes rotated certificates into HAProxy, runs as {reader} and cannot read the key that {writer} writes with mode {mode}.',
  },
  'directory-not-writable': {
    role: 'cause',
    severity: 'fail',
    text: '{directory} belongs to {owner}; spiffe-helper in container {helper} runs as {writer} and cannot write there.',
  },
  'no-fs-group': {
    role: 'cause',
    severity: 'warn',
    text: 'The pod has no fsGroup, and volume {volume} is not an emptyDir: it belongs to root, so {maker} (UID {uid}) cannot make {directory} on it unless the storage is prepared for that user.',
  },
  'read-only-mount': {
    role: 'cause',
    severity: 'fail',
    text: 'Volume {volume} is mounted read-only in container {helper}, which has to write the SVID to {directory}.',
  },
  'decimal-mode': {
    role: 'cause',
    severity: 'fail',
    text: '{key} in helper.conf of container {helper} is read as a decimal number: {written} means mode {mode}. Without a leading 0 the owner cannot read and write the file.',
  },
  'owner-locked-out': {
    role: 'cause',
    severity: 'fail',
    text: '{key} in helper.conf of container {helper} is mode {mode}: spiffe-helper itself cannot read and write the file again at the next rotation.',
  },
  'key-world-readable': {
    role: 'cause',
    severity: 'warn',
    text: 'The private key {path} has mode {mode}: everyone who reaches volume {volume} ({source}) can read it.',
  },
  'reloader-lacks-socat': {
    role: 'cause',
    severity: 'warn',
    text: 'Container {reloader} runs image {image}, whose script calls socat: {said}',
  },
} as const satisfies Record<string, Message>;
