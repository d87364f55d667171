import { outcome } from '../sandbox/command.ts';
import type { Fault } from './fault.ts';
import { CONFIG, conf, helperField, WORKLOAD } from './helper-changes.ts';

const POD = 'spec.template.spec';
const DIRECTORY = 'cert_dir = "/etc/haproxy/spiffe"';

/** Where spiffe-helper writes is not where HAProxy reads. */
export const LAYOUT_FAULTS: readonly Fault[] = [
  {
    name: 'directory-never-made',
    ids: ['G1'],
    about: 'The init container that makes the directory for the SVID was forgotten.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.initContainers` } }],
    expect: { check: 'spiffe-dir', message: 'missing', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-made-by-hand',
    ids: ['G1'],
    about: 'Somebody made the directory in the pods that run, and the next pod will lack it.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.initContainers` } }],
    happens: async ({ haproxies, kubelets, settle }) => {
      for (const { ref, sandbox } of haproxies.running()) {
        await outcome(sandbox.run(['mkdir', '/etc/haproxy/spiffe']));
        await kubelets.restart({ ...ref, container: 'spiffe-helper' });
      }
      await settle();
    },
    expect: { check: 'spiffe-dir', message: 'missing', culprit: WORKLOAD, phase: 'latent' },
    cure: { by: 'commands' },
  },
  {
    name: 'init-container-mounts-read-only',
    ids: ['G2'],
    about: 'The init container has the volume read-only, so that mkdir fails and no pod gets further.',
    change: [{ object: WORKLOAD, set: { at: `${POD}.initContainers[0].volumeMounts[0].readOnly`, to: true } }],
    expect: { check: 'spiffe-dir', message: 'init-failed', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'init-container-cannot-start',
    ids: ['G2'],
    about: 'The init container asks for a program that its image does not have.',
    change: [
      { object: WORKLOAD, set: { at: `${POD}.initContainers[0].command`, to: ['sh', '-c', '/opt/make-spiffe-dir'] } },
    ],
    expect: { check: 'spiffe-dir', message: 'init-failed', culprit: WORKLOAD, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-not-in-helper-conf',
    ids: ['E15'],
    about: 'helper.conf has no cert_dir, and spiffe-helper writes into the root of its image.',
    change: [conf(`${DIRECTORY}\n`, '')],
    expect: { check: 'spiffe-dir', message: 'no-cert-dir', culprit: CONFIG },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-on-no-volume',
    ids: ['E14'],
    about: 'cert_dir lies in the file system of spiffe-helper, which HAProxy does not see.',
    change: [conf(DIRECTORY, 'cert_dir = "/tmp"')],
    expect: { check: 'spiffe-dir', message: 'not-on-volume', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-on-a-volume-of-its-own',
    ids: ['E14'],
    about: 'spiffe-helper has an emptyDir of its own where HAProxy has its runtime volume.',
    change: [
      helperField('volumeMounts[1].name', 'svids'),
      { object: WORKLOAD, set: { at: `${POD}.volumes[3]`, to: { name: 'svids', emptyDir: {} } } },
      {
        object: WORKLOAD,
        set: {
          at: `${POD}.initContainers[1]`,
          to: {
            name: 'create-svid-dir',
            image: 'busybox:1.37',
            command: ['mkdir', '-p', '/etc/haproxy/spiffe'],
            volumeMounts: [{ name: 'svids', mountPath: '/etc/haproxy' }],
          },
        },
      },
    ],
    expect: { check: 'spiffe-dir', message: 'not-shared', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-covered-in-haproxy',
    ids: ['E14', 'N2'],
    about: 'HAProxy has an empty volume mounted over the directory into which spiffe-helper writes.',
    change: [
      {
        object: WORKLOAD,
        set: { at: `${POD}.containers[0].volumeMounts[1]`, to: { name: 'certs', mountPath: '/etc/haproxy/spiffe' } },
      },
      { object: WORKLOAD, set: { at: `${POD}.volumes[3]`, to: { name: 'certs', emptyDir: {} } } },
    ],
    expect: { check: 'spiffe-dir', message: 'shadowed', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'directory-elsewhere-on-the-volume',
    ids: ['E14'],
    about: 'cert_dir is another directory of the shared volume than the one in the snippet.',
    change: [conf(DIRECTORY, 'cert_dir = "/etc/haproxy/certs"')],
    expect: { check: 'spiffe-dir', message: 'names-differ', culprit: CONFIG },
    cure: { by: 'commands' },
  },
  {
    name: 'key-named-otherwise',
    ids: ['E14'],
    about: 'helper.conf names the key svid-key.pem, as older guides do, and HAProxy looks for svid.pem.key.',
    change: [conf('svid_key_file_name = "svid.pem.key"', 'svid_key_file_name = "svid-key.pem"')],
    expect: { check: 'spiffe-dir', message: 'names-differ', culprit: CONFIG },
    cure: { by: 'commands' },
  },
];
