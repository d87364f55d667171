import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import type { Testbed } from '../installation.ts';
import type { HaproxyPod } from '../programs/haproxy.ts';
import type { Fault } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';
import { ask, haproxyPods, KEY, pathOf, poll, reloaderOf, rotate, SVID, whileRefusing } from './memory-happenings.ts';
import { mtimeReloader } from './memory-scripts.ts';

const expected = (message: string) =>
  ({ check: 'cert-loaded', message, culprit: 'Pod haptic/haptic-haproxy-*' }) as const;

/** One pod's reloader is started anew after a rotation that it has not pushed; the others push theirs. */
async function rotateWhileReloaderIsDown(testbed: Testbed): Promise<void> {
  const [unlucky, ...others] = haproxyPods(testbed);
  await poll([unlucky, ...others]);
  await whileRefusing(unlucky, async () => {
    await rotate(testbed);
    await testbed.kubelets.outOfMemory(reloaderOf(unlucky));
    await testbed.settle();
  });
  await poll([unlucky, ...others]);
}

async function rotateDuringReload(testbed: Testbed): Promise<void> {
  const [unlucky, ...others] = haproxyPods(testbed);
  await poll([unlucky, ...others]);
  await whileRefusing(unlucky, async () => {
    await rotate(testbed);
    await poll([unlucky]);
  });
  await poll(others);
}

/** The reloader reads while a file is the old one still, or its first line, and it all happens within a second. */
async function readHalfWritten(testbed: Testbed, path: string, file: 'as it was' | 'begun'): Promise<void> {
  const [unlucky, ...others] = haproxyPods(testbed);
  await poll([unlucky, ...others]);
  const place = pathOf(unlucky, path);
  const before = readFileSync(place);
  let after = before;
  await whileRefusing(unlucky, async () => {
    await rotate(testbed);
    after = readFileSync(place);
    writeFileSync(place, file === 'begun' ? after.subarray(0, after.indexOf(10) + 1) : before);
  });
  // A poll while nobody listened has noted other times than these.
  const written = new Date(Date.now() - 660_000);
  utimesSync(place, written, written);
  await poll([unlucky]);
  writeFileSync(place, after);
  utimesSync(place, written, written);
  await poll(others);
}

/** Somebody tries to update it by hand, without the key, and gives up. */
async function leaveUpdateOpen(testbed: Testbed): Promise<void> {
  const [pod] = haproxyPods(testbed);
  await poll([pod]);
  await begin(pod, SVID);
}

async function begin(pod: HaproxyPod, name: string): Promise<void> {
  const certificate = readFileSync(pathOf(pod, SVID), 'utf8').trim();
  const said = await ask(pod, `@1 set ssl cert ${name} <<\n${certificate}\n\n`);
  if (!said.includes('Transaction created')) throw new Error(`HAProxy begins no update of ${name}: ${said}`);
}

async function rotateBehindForeignUpdate(testbed: Testbed): Promise<void> {
  const [unlucky, ...others] = haproxyPods(testbed);
  const name = '/etc/haproxy/certs/shop.pem';
  await poll([unlucky, ...others]);
  await ask(unlucky, `@1 new ssl cert ${name}\n`);
  await begin(unlucky, name);
  await rotate(testbed);
  await poll([unlucky, ...others]);
  testbed.age(60_000);
}

/** A rotation that has reached the disk and not HAProxy's memory. */
export const ROTATION_FAULTS: readonly Fault[] = [
  {
    name: 'rotated-while-reloader-was-down',
    ids: ['L1'],
    about: 'The reloader ran out of memory during a rotation, and takes what it finds then for known.',
    happens: rotateWhileReloaderIsDown,
    expect: expected('missed-rotation'),
    cure: { by: 'commands' },
  },
  {
    name: 'first-poll-only-remembers',
    ids: ['L1'],
    about: 'The reloader of an older guide is started anew after a rotation: its first poll pushes nothing.',
    change: [mtimeReloader],
    happens: rotateWhileReloaderIsDown,
    expect: expected('missed-rotation'),
    cure: { by: 'commands' },
  },
  {
    name: 'update-skipped-during-reload',
    ids: ['L2'],
    about: 'The reloader of an older guide asks during a reload, hears nothing, and takes that for a no.',
    change: [mtimeReloader],
    happens: rotateDuringReload,
    expect: expected('skipped-update'),
    cure: { by: 'commands' },
  },
  {
    name: 'half-written-pair-pushed',
    ids: ['L3', 'L7'],
    about: 'The reloader of an older guide pushes a certificate with the key before it: HAProxy keeps the update open.',
    change: [mtimeReloader],
    happens: (testbed) => readHalfWritten(testbed, KEY, 'as it was'),
    expect: expected('open-transaction'),
    cure: { by: 'commands' },
  },
  {
    name: 'half-written-certificate-pushed',
    ids: ['L3', 'L7'],
    about: 'The reloader of an older guide reads a certificate that is being written, and reports success.',
    change: [mtimeReloader],
    happens: (testbed) => readHalfWritten(testbed, SVID, 'begun'),
    expect: expected('push-failed'),
    cure: { by: 'commands' },
  },
  {
    name: 'update-left-open',
    ids: ['L4'],
    about: 'Somebody began an update of the SVID over the Runtime API and never committed it.',
    happens: leaveUpdateOpen,
    expect: expected('open-transaction'),
    cure: { by: 'commands' },
  },
  {
    name: 'foreign-update-in-the-way',
    ids: ['L4'],
    about: 'An unfinished update of another certificate keeps the reloader from pushing a rotation.',
    happens: rotateBehindForeignUpdate,
    expect: expected('open-transaction'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-cannot-read-key',
    ids: ['L5'],
    about: 'The reloader runs as another user than spiffe-helper, pushes an empty key, and leaves an update open.',
    change: [
      {
        object: WORKLOAD,
        set: { at: 'spec.template.spec.containers[3].securityContext.runAsUser', to: 1000 },
      },
    ],
    happens: async (testbed) => {
      await rotate(testbed);
      await poll(haproxyPods(testbed));
    },
    expect: { check: 'file-ownership', message: 'reloader-cannot-read', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
];
