import type { Editable } from '../../scenario/field-edit.ts';
import type { Expected, Fault, ObjectChange } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';
import { haproxyPods, poll, rotate } from './memory-happenings.ts';
import { scriptText } from './memory-scripts.ts';

const RELOADER = 'spec.template.spec.containers[3]';

const latent = (message: string, culprit = WORKLOAD): Expected => ({
  check: 'cert-loaded',
  message,
  culprit,
  phase: 'latent',
});

function reloaderField(at: string, to?: Editable): ObjectChange {
  const path = at === '' ? RELOADER : `${RELOADER}.${at}`;
  return { object: WORKLOAD, set: to === undefined ? { at: path } : { at: path, to } };
}

/** Whether something in the pod can push a rotation at all. */
export const RELOADER_FAULTS: readonly Fault[] = [
  {
    name: 'no-reloader',
    ids: ['L8'],
    about: 'No container pushes rotated SVIDs, and spiffe-helper tells nobody of them.',
    change: [reloaderField('')],
    expect: latent('no-reloader'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-on-another-socket',
    ids: ['L8'],
    about: 'The reloader talks to a socket that HAProxy does not make.',
    change: [scriptText('/etc/haproxy/haproxy-master.sock', '/var/run/haproxy/admin.sock')],
    expect: latent('wrong-socket'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-on-another-socket-after-rotation',
    ids: ['L8'],
    about: 'The reloader talks to a socket that HAProxy does not make, and that has cost a rotation already.',
    change: [scriptText('/etc/haproxy/haproxy-master.sock', '/var/run/haproxy/admin.sock')],
    happens: async (testbed) => {
      await rotate(testbed);
      await poll(haproxyPods(testbed));
    },
    expect: { ...latent('wrong-socket'), phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'master-socket-below-admin',
    ids: ['L8'],
    about: 'HAProxy’s master socket lets nobody push certificates: its level is operator.',
    change: [
      {
        object: WORKLOAD,
        replace: { at: 'spec.template.spec.containers[0].args[0]', from: 'level,admin', to: 'level,operator' },
      },
    ],
    expect: latent('socket-level'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-image-does-not-exist',
    ids: ['L8'],
    about: 'The reloader’s image names a release that was never made.',
    change: [reloaderField('image', 'haproxytech/haproxy-debian:3.33')],
    platform: (platform) => {
      const { pull } = platform;
      platform.pull = (image) =>
        image.endsWith(':3.33')
          ? {
              answer: 'refused',
              message: `failed to resolve reference "docker.io/${image}": docker.io/${image}: not found`,
            }
          : pull(image);
    },
    expect: latent('reloader-down', 'Pod haptic/haptic-haproxy-*'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-script-breaks-off',
    ids: ['L8'],
    about: 'The reloader’s script has lost its end, and no shell runs it.',
    change: [scriptText('\ndone', '')],
    expect: latent('reloader-down', 'Pod haptic/haptic-haproxy-*'),
    cure: { by: 'commands' },
  },
  {
    name: 'commands-for-the-master',
    ids: ['L9'],
    about: 'The reloader’s commands lack @1, so that the master gets what is meant for the worker.',
    change: [
      scriptText('@1 set ssl cert', 'set ssl cert'),
      scriptText('@1 commit ssl cert', 'commit ssl cert'),
      scriptText('@1 set ssl ca-file', 'set ssl ca-file'),
      scriptText('@1 commit ssl ca-file', 'commit ssl ca-file'),
    ],
    expect: latent('not-routed'),
    cure: { by: 'commands' },
  },
  {
    name: 'second-command-for-the-master',
    ids: ['L9'],
    about: 'The reloader joins two commands by a semicolon, and the second one goes to the master.',
    change: [scriptText('@1 commit ssl cert $CERT"', '@1 show ssl cert $CERT; commit ssl cert $CERT"')],
    expect: latent('not-routed'),
    cure: { by: 'commands' },
  },
  {
    name: 'certificate-named-otherwise',
    ids: ['L15'],
    about: 'The reloader names the SVID by a path with a doubled slash, which HAProxy does not know.',
    change: [scriptText('CERT=/etc/haproxy/spiffe/svid.pem', 'CERT=/etc/haproxy/spiffe//svid.pem')],
    expect: latent('path-mismatch'),
    cure: { by: 'commands' },
  },
  {
    name: 'reloader-reads-another-volume',
    ids: ['L15'],
    about: 'The reloader has a volume of its own over the directory of the SVID, and never sees a new one.',
    change: [
      reloaderField('volumeMounts[1]', { name: 'certificates', mountPath: '/etc/haproxy/spiffe' }),
      { object: WORKLOAD, set: { at: 'spec.template.spec.volumes[3]', to: { name: 'certificates', emptyDir: {} } } },
    ],
    expect: latent('path-mismatch'),
    cure: { by: 'commands' },
  },
];
