import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mintPlaceholder } from '../../scenario/identities.ts';
import type { Testbed } from '../installation.ts';
import type { KubeObject } from '../seams.ts';
import { CONTROLLER, PLACEHOLDER } from './controller-mounts.ts';
import type { Fault } from './fault.ts';
import { haproxyPods, pathOf } from './memory-happenings.ts';

/** A key that belongs to no certificate. */
export const STRANGER = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** What the guide has people replace. */
export const PASTE = '<paste generated certificate PEM here>\n';
const VOLUME = 'spec.template.spec.volumes[0]';
const FILES = ['svid.pem', 'svid.pem.key', 'bundle.pem'];

/** Placeholders that HAProxy cannot load, or that are none. */
export const CONTENT_FAULTS: readonly Fault[] = [
  {
    name: 'placeholder-config-map-missing',
    ids: ['N1', 'N3'],
    about: 'The controller mounts a ConfigMap with placeholders that nobody has made.',
    change: [{ remove: PLACEHOLDER }],
    expect: { check: 'controller-placeholder', message: 'config-map-missing', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-without-key',
    ids: ['N3'],
    about: 'Only certificates were put into the placeholders, svid.pem.key was forgotten.',
    change: [{ object: PLACEHOLDER, set: { at: 'data["svid.pem.key"]' } }],
    expect: { check: 'controller-placeholder', message: 'key-missing', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-without-bundle',
    ids: ['N3'],
    about: 'The placeholders have certificate and key and no bundle.pem.',
    change: [{ object: PLACEHOLDER, set: { at: 'data["bundle.pem"]' } }],
    expect: { check: 'controller-placeholder', message: 'key-missing', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-never-filled-in',
    ids: ['N4'],
    about: "svid.pem still holds the guide's text in angle brackets.",
    change: [{ object: PLACEHOLDER, set: { at: 'data["svid.pem"]', to: PASTE } }],
    expect: { check: 'controller-placeholder', message: 'no-certificate', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-key-never-filled-in',
    ids: ['N5'],
    about: "svid.pem.key still holds the guide's text in angle brackets.",
    change: [
      { object: PLACEHOLDER, set: { at: 'data["svid.pem.key"]', to: '<paste generated private key PEM here>\n' } },
    ],
    expect: { check: 'controller-placeholder', message: 'no-private-key', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-of-two-runs',
    ids: ['N6'],
    about: 'Certificate and key of the placeholder come from two runs of openssl.',
    change: [{ object: PLACEHOLDER, set: { at: 'data["svid.pem.key"]', to: STRANGER } }],
    expect: { check: 'controller-placeholder', message: 'key-mismatch', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-in-a-secret',
    ids: ['N4'],
    about: 'The placeholders come from a Secret whose svid.pem was never filled in, and Secrets are not read.',
    change: [
      {
        object: CONTROLLER,
        set: { at: VOLUME, to: { name: 'spiffe-validation-certs', secret: { secretName: 'haptic-validation' } } },
      },
      { remove: PLACEHOLDER },
      {
        add: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'haptic-validation', namespace: 'haptic' },
          stringData: { 'svid.pem': PASTE, 'svid.pem.key': STRANGER, 'bundle.pem': PASTE },
        },
      },
    ],
    expect: { check: 'controller-placeholder', message: 'rejected', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-copied-from-haproxy',
    ids: ['N8'],
    about: 'Somebody made the placeholders of the files in a HAProxy pod: an SVID with its key.',
    happens: async (testbed) => {
      const [pod] = haproxyPods(testbed);
      await fill(
        testbed,
        Object.fromEntries(
          FILES.map((name) => [name, readFileSync(pathOf(pod, `/etc/haproxy/spiffe/${name}`), 'utf8')]),
        ),
      );
    },
    expect: { check: 'controller-placeholder', message: 'real-key-material', culprit: PLACEHOLDER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-corrected-too-quietly',
    ids: ['N9'],
    about:
      'The key that was missing has been added, and the controller still answers with the verdict that it remembers.',
    change: [{ object: PLACEHOLDER, set: { at: 'data["svid.pem.key"]' } }],
    happens: async (testbed) => fill(testbed, await mintPlaceholder()),
    expect: { check: 'controller-placeholder', message: 'still-rejected', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-corrected-under-sub-paths',
    ids: ['N9'],
    about: 'The key has been corrected, but every file is mounted by subPath, and such files never change in a pod.',
    change: [
      { object: PLACEHOLDER, set: { at: 'data["svid.pem.key"]', to: PASTE } },
      {
        object: CONTROLLER,
        set: {
          at: 'spec.template.spec.containers[0].volumeMounts',
          to: FILES.map((file) => ({
            name: 'spiffe-validation-certs',
            mountPath: `/etc/haproxy/spiffe/${file}`,
            subPath: file,
            readOnly: true,
          })),
        },
      },
    ],
    happens: async (testbed) => fill(testbed, await mintPlaceholder()),
    expect: { check: 'controller-placeholder', message: 'still-rejected', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
];

/** Another content for the placeholders, and what comes of it. */
export async function fill({ store, settle }: Testbed, data: KubeObject): Promise<void> {
  const there = store.get({ kind: 'ConfigMap', namespace: 'haptic', name: 'haptic-spiffe-validation-certs' });
  if (there === undefined) throw new Error('the placeholders are gone');
  store.update({ ...there, data }, { manager: 'kubectl-edit' });
  await settle();
}
