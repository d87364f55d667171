import { mintPlaceholder } from '../../scenario/identities.ts';
import type { Testbed } from '../installation.ts';
import type { KubeObject } from '../seams.ts';
import { fill, PASTE, STRANGER } from './controller-content.ts';
import { CONTROLLER, PLACEHOLDER } from './controller-mounts.ts';
import type { Fault } from './fault.ts';

/** Releases of HAProxy in the controller's image that take unusable placeholders the wrong way. */
export const RELEASE_FAULTS: readonly Fault[] = [
  {
    name: 'placeholder-that-never-ends',
    ids: ['N5', 'S11', 'T2', 'F8'],
    about: 'A key was never filled in, and the HAProxy of the new controller never returns from reading that.',
    replayed: 'HAProxy 3.3.0',
    happens: (testbed) => upgrade(testbed, '3.3', { 'svid.pem.key': PASTE }),
    expect: { check: 'controller-placeholder', message: 'endless-validation', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-accepted-in-spite-of-errors',
    ids: ['T3'],
    about: 'Certificate and key do not belong together, and the HAProxy of the new controller calls that a success.',
    replayed: 'HAProxy 3.1.0',
    happens: (testbed) => upgrade(testbed, '3.1', { 'svid.pem.key': STRANGER }),
    expect: { check: 'controller-placeholder', message: 'key-mismatch', culprit: PLACEHOLDER },
    also: ['controller-placeholder/validation-blind'],
    cure: { by: 'commands' },
  },
];

/** The controller's image with another HAProxy, and part of the placeholders changed with it. */
async function upgrade(testbed: Testbed, series: string, data: Readonly<Record<string, string>>) {
  await fill(testbed, { ...(await mintPlaceholder()), ...data });
  const { store, settle } = testbed;
  const there = store.get({ kind: 'Deployment', namespace: 'haptic', name: 'haptic-controller' });
  if (there === undefined) throw new Error(`${CONTROLLER} is gone`);
  const text = JSON.stringify(there).replaceAll(/-haproxy\d+\.\d+/g, `-haproxy${series}`);
  const changed: KubeObject = JSON.parse(text);
  store.update(changed, { manager: 'helm' });
  await settle();
}
