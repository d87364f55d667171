import type { Fault, ObjectChange } from './fault.ts';
import { helperField, WORKLOAD } from './helper-changes.ts';

const POD = 'spec.template.spec';
const USER = 'securityContext.runAsUser';

/** HAProxy and those who write for it run as different users. */
export const USER_FAULTS: readonly Fault[] = [
  {
    name: 'helper-runs-as-another-user',
    ids: ['H1'],
    about:
      "spiffe-helper runs as its image's usual user and not as HAProxy's, with an init container that does so, too.",
    change: [helperField(USER, 1001), initUser(1001)],
    expect: { check: 'file-ownership', message: 'key-unreadable', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'helper-cannot-write-as-its-user',
    ids: ['H1'],
    about: 'Only spiffe-helper runs as another user, and the directory belongs to that of HAProxy.',
    change: [helperField(USER, 1001)],
    expect: { check: 'file-ownership', message: 'helper-user-differs', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-made-by-another-user',
    ids: ['H1'],
    about: 'The init container makes the directory as a user that spiffe-helper is not.',
    change: [initUser(1000)],
    expect: { check: 'file-ownership', message: 'directory-not-writable', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-runs-as-another-user',
    ids: ['H1'],
    about: 'cert-reloader runs as a user that may not read the key.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.containers[3].${USER}`, to: 1000 } }],
    expect: { check: 'file-ownership', message: 'reloader-cannot-read', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'enterprise-with-community-users',
    ids: ['H2'],
    about: "HAProxy Enterprise runs as UID 1000, and init container, spiffe-helper and reloader kept the guide's 99.",
    change: [
      {
        object: WORKLOAD,
        set: {
          at: `${POD}.securityContext`,
          to: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
        },
      },
      ...[0, 1].map((at) => ({
        object: WORKLOAD,
        set: { at: `${POD}.containers[${at}].image`, to: 'hapee-registry.haproxy.com/haproxy-enterprise:3.2r1' },
      })),
    ],
    expect: { check: 'file-ownership', message: 'enterprise-user', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
];

function initUser(uid: number): ObjectChange {
  return { object: WORKLOAD, set: { at: `${POD}.initContainers[0].${USER}`, to: uid } };
}
