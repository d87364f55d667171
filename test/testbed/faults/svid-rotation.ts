import type { Fault } from './fault.ts';
import { haproxyPods, poll } from './memory-happenings.ts';
import { scaleServerDown } from './registration-server.ts';
import { MINUTE, rotatedBefore, SERVER, WORKLOAD } from './svid-changes.ts';

const expected = (message: string, culprit = WORKLOAD) => ({ check: 'svid-valid', message, culprit }) as const;

/** Whether new SVIDs arrive in time. */
export const SVID_ROTATION_FAULTS: readonly Fault[] = [
  {
    name: 'rotation-overdue-without-server',
    ids: ['B8', 'J2'],
    about: 'The SPIRE server was scaled to zero, and SVIDs should have been renewed since.',
    happens: async (testbed) => {
      await rotatedBefore(testbed, 45);
      await scaleServerDown(testbed);
    },
    expect: expected('rotation-overdue', SERVER),
    cure: { by: 'commands', afterwards: (testbed) => poll(haproxyPods(testbed)) },
  },
  {
    name: 'expired-without-server',
    ids: ['B8', 'J1'],
    about: 'The SPIRE server was scaled to zero, and the SVIDs have expired meanwhile.',
    happens: async (testbed) => {
      await rotatedBefore(testbed, 70);
      await scaleServerDown(testbed);
    },
    expect: expected('expired', SERVER),
    cure: { by: 'commands', afterwards: (testbed) => poll(haproxyPods(testbed)) },
  },
  {
    name: 'expired-while-helper-hung',
    ids: ['J1'],
    about: 'The helper of one pod hangs: others have got new SVIDs, and this one\u2019s has expired.',
    happens: async (testbed) => {
      await rotatedBefore(testbed, 70);
      const [unlucky, ...others] = haproxyPods(testbed);
      testbed.spire.stall({ namespace: 'haptic', name: unlucky.ref.pod });
      await testbed.spire.rotate({ age: 10 * MINUTE });
      await poll(others);
      testbed.age(10 * MINUTE);
    },
    expect: expected('expired'),
    cure: { by: 'commands' },
  },
  {
    name: 'rotation-overdue-while-helper-hung',
    ids: ['J2'],
    about: 'The helper of one pod hangs, and its SVID should have been replaced by now.',
    happens: async (testbed) => {
      await rotatedBefore(testbed, 45);
      const [unlucky, ...others] = haproxyPods(testbed);
      testbed.spire.stall({ namespace: 'haptic', name: unlucky.ref.pod });
      await testbed.spire.rotate({ age: 10 * MINUTE });
      await poll(others);
      testbed.age(10 * MINUTE);
    },
    expect: expected('rotation-overdue'),
    cure: { by: 'commands' },
  },
  {
    name: 'authority-ended-while-helper-hung',
    ids: ['J5'],
    about:
      'The authority above SPIRE ended and was renewed; the helper of one pod hung, and has what the old one signed.',
    spire: { nested: true },
    happens: async (testbed) => {
      await testbed.spire.rotateAuthority(undefined, Date.now() - MINUTE);
      await rotatedBefore(testbed, 33);
      const [unlucky, ...others] = haproxyPods(testbed);
      testbed.spire.stall({ namespace: 'haptic', name: unlucky.ref.pod });
      const { retire } = await testbed.spire.rotateAuthority();
      await retire();
      await poll(others);
      testbed.age(10 * MINUTE);
    },
    expect: expected('authority-not-valid'),
    cure: { by: 'commands' },
  },
  {
    name: 'issued-in-the-future',
    ids: ['J3'],
    about: 'The clock of the SPIRE server\u2019s node is ahead, and so are the dates of what it issues.',
    happens: async (testbed) => {
      await testbed.spire.rotate({ age: -10 * MINUTE });
      await poll(haproxyPods(testbed));
      testbed.age(MINUTE);
    },
    expect: expected('not-yet-valid'),
    cure: {
      by: 'hand',
      because: 'clocks are set on the nodes',
      hand: async (testbed) => {
        await testbed.spire.rotate();
        await poll(haproxyPods(testbed));
      },
    },
  },
];
