import type { Fault } from './fault.ts';
import { CONFIG, conf, helperField, WORKLOAD } from './helper-changes.ts';
import { rotate } from './memory-happenings.ts';

const POD = 'spec.template.spec';
const LAST = 'daemon_mode = true';

/** A volume with storage of its own, one a pod. */
const STORAGE = {
  name: 'haproxy-runtime',
  ephemeral: {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  },
};

const NODE = { name: 'haproxy-runtime', hostPath: { path: '/var/lib/haptic', type: 'DirectoryOrCreate' } };

/** Modes, volumes and images that keep the files from those who need them, or give them to others. */
export const FILE_FAULTS: readonly Fault[] = [
  {
    name: 'key-mode-in-decimal',
    ids: ['E13'],
    about: 'key_file_mode is written without its leading zero.',
    change: [conf(LAST, `${LAST}\nkey_file_mode = 600`)],
    expect: { check: 'file-ownership', message: 'decimal-mode', culprit: CONFIG },
    cure: { by: 'commands' },
  },
  {
    name: 'certificate-mode-in-decimal',
    ids: ['E13'],
    about: 'cert_file_mode is written without its leading zero.',
    change: [conf(LAST, `${LAST}\ncert_file_mode = 644`)],
    expect: { check: 'file-ownership', message: 'decimal-mode', culprit: CONFIG },
    cure: { by: 'commands' },
  },
  {
    name: 'key-locked-against-its-writer',
    ids: ['E13'],
    about: 'key_file_mode is 0400, so that the second SVID cannot be written over the first.',
    change: [conf(LAST, `${LAST}\nkey_file_mode = 0400`)],
    happens: rotate,
    expect: { check: 'file-ownership', message: 'owner-locked-out', culprit: CONFIG, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'key-open-on-shared-storage',
    ids: ['H4'],
    about: 'The volume of the SVID is storage outside the pod, and the key on it is for everybody to read.',
    change: [
      { object: WORKLOAD, set: { at: `${POD}.volumes[0]`, to: STORAGE } },
      conf(LAST, `${LAST}\nkey_file_mode = 0644`),
    ],
    expect: { check: 'file-ownership', message: 'key-world-readable', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'storage-without-fs-group',
    ids: ['H5'],
    about: 'The volume of the SVID is storage that belongs to root, and the pod has no fsGroup.',
    change: [
      { object: WORKLOAD, set: { at: `${POD}.volumes[0]`, to: STORAGE } },
      { object: WORKLOAD, set: { at: `${POD}.securityContext.fsGroup` } },
    ],
    expect: { check: 'file-ownership', message: 'no-fs-group', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-of-the-node',
    ids: ['G2', 'H5'],
    about: 'The volume of the SVID is a directory of the node, which stays with root in spite of fsGroup.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.volumes[0]`, to: NODE } }],
    expect: { check: 'spiffe-dir', message: 'init-failed', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-of-the-node-without-fs-group',
    ids: ['H5'],
    about: 'The volume of the SVID is a directory of the node, which root has made, and the pod has no fsGroup.',
    change: [
      { object: WORKLOAD, set: { at: `${POD}.volumes[0]`, to: NODE } },
      { object: WORKLOAD, set: { at: `${POD}.securityContext.fsGroup` } },
    ],
    expect: { check: 'file-ownership', message: 'no-fs-group', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'helper-mounts-read-only',
    ids: ['H6'],
    about: 'spiffe-helper has the volume read-only into which it should write.',
    change: [helperField('volumeMounts[1].readOnly', true)],
    expect: { check: 'file-ownership', message: 'read-only-mount', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-without-socat',
    ids: ['F5'],
    about: 'cert-reloader runs in an image that has no socat.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.containers[3].image`, to: 'alpine:3.20' } }],
    expect: { check: 'file-ownership', message: 'reloader-lacks-socat', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
];
