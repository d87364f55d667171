import type { Message } from '../../src/doctor/check.ts';

const REACHES_NOTHING = "don't restart spiffe-helper: the files are good, HAProxy has not taken them over";

/** Grouped as the page is: memory, loading, open updates, the reloader, and backends that fail open. */
export const messages = {
  'stale-certificate': {
    role: 'cause',
    severity: 'fail',
    text: 'HAProxy still has SVID {memorySha1} in memory ({memoryValidity}), while {file} has held {diskSha1} for {age}.{also}',
    avoid: [REACHES_NOTHING],
  },
  'missed-rotation': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader} has not pushed the SVID that {file} has held for {age}{race}: HAProxy still has {memorySha1} in memory ({memoryValidity}).{also}',
    avoid: [REACHES_NOTHING],
  },
  'skipped-update': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader} gave the last rotation up ("{said}") although HAProxy has the certificate loaded: memory still holds {memorySha1} ({memoryValidity}).{also}',
    avoid: [REACHES_NOTHING],
  },
  'push-failed': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader} reported an update that HAProxy refused: "{said}". {consequence}',
  },
  'stale-ca': {
    role: 'cause',
    severity: 'fail',
    text: '{difference}, {age} after {file} changed: a backend may be refused, or accepted, for no good reason.',
  },
  'bundle-too-big': {
    role: 'cause',
    severity: 'warn',
    text: '{file} has {size} bytes; one command to HAProxy holds {limit}, so the reloader cannot push it{consequence}.',
  },
  'disk-older': {
    role: 'symptom',
    severity: 'warn',
    text: 'HAProxy has a newer SVID in memory ({memorySha1}) than {file} ({diskSha1}): the next reload would go back to the older one.',
  },
  detached: {
    role: 'cause',
    severity: 'fail',
    text: '{server} of backend {backend} uses {file}, yet HAProxy {version} calls it unused: its servers go on with an earlier SVID, whatever fingerprint is shown.',
    avoid: [
      "don't push again: `set ssl cert` says Success! and changes nothing, and another `commit ssl ca-file` can crash HAProxy",
    ],
  },
  expired: {
    role: 'symptom',
    severity: 'fail',
    text: "The SVID in HAProxy's memory expired at {until}{disk}.",
    avoid: [
      "don't reload or restart HAProxy: it would load the same expired certificate, and a new pod would get none",
    ],
  },
  'not-loaded': {
    role: 'symptom',
    severity: 'fail',
    text: 'Backend {backend} uses {file}, but the running HAProxy has not loaded it.',
  },
  'reload-failed': {
    role: 'symptom',
    severity: 'fail',
    text: 'HAProxy refused its last reload and goes on with its old configuration: {said}',
  },
  'reload-hangs': {
    role: 'cause',
    severity: 'fail',
    text: 'A reload has hung for {age}: process {pid} answers nothing and blocks every further reload, while the old worker still serves.',
    avoid: ["don't send `reload` again: HAProxy only answers that another reload is in progress"],
  },
  'open-transaction': {
    role: 'cause',
    severity: 'fail',
    text: 'An unfinished update of {file} has been left open in HAProxy; it blocks every other certificate update of this worker.',
  },
  'no-reloader': {
    role: 'cause',
    severity: 'warn',
    text: 'No container pushes rotated SVIDs into HAProxy: after a rotation it keeps the old one until something else makes it reload.',
  },
  'reloader-down': {
    role: 'cause',
    severity: 'warn',
    text: 'Container {reloader}, which pushes rotated SVIDs, is not running: {said}.',
  },
  'not-routed': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader} sends commands to the master socket without @1 before each: the master answers "Unknown command" and no rotation arrives.',
  },
  'wrong-socket': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {reloader} talks to {socket}, but HAProxy listens for it on {expected}.',
  },
  'socket-level': {
    role: 'cause',
    severity: 'warn',
    text: "HAProxy's master socket gives access level {level}; certificates can only be pushed at level admin.",
  },
  'path-mismatch': {
    role: 'cause',
    severity: 'warn',
    text: 'Container {reloader} updates {path}, but {reason}: HAProxy knows a certificate only by the exact words of its configuration.',
  },
  'annotation-value': {
    role: 'cause',
    severity: 'fail',
    text: 'Ingress {ingress} asks for mTLS with {annotation}: "{value}", which the snippet ignores (it wants exactly "true"): its backends get plain connections.',
  },
  'snippet-missing': {
    role: 'cause',
    severity: 'fail',
    text: 'Ingress {ingress} asks for mTLS, but no backend-directives snippet handles {annotation}: its backends get plain connections.',
  },
  'backend-without-tls': {
    role: 'cause',
    severity: 'fail',
    text: 'Backend {backend} of Ingress {ingress} has no `ssl` on its servers although the Ingress asks for mTLS: HAProxy connects in plain text.{conflicts}',
  },
  'verification-off': {
    role: 'cause',
    severity: 'fail',
    text: 'Backend {backend} is reached with `verify none`: HAProxy accepts any certificate, so anyone on the network path can pose as the backend.{conflicts}',
  },
  'no-ca-file': {
    role: 'cause',
    severity: 'fail',
    text: 'Backend {backend} has `ssl` without a `ca-file`: HAProxy has nothing to verify the backend against.{conflicts}',
  },
  'no-client-certificate': {
    role: 'cause',
    severity: 'fail',
    text: 'Backend {backend} has `ssl` without `crt`: HAProxy presents no SVID, so the backend cannot tell who connects.{conflicts}',
  },
  'ca-without-certificate': {
    role: 'cause',
    severity: 'warn',
    text: 'Servers of backend {backend} use {file} without `crt`: a pushed CA file never reaches them, only a reload does.',
  },
} as const satisfies Readonly<Record<string, Message>>;

export type MessageId = keyof typeof messages;
