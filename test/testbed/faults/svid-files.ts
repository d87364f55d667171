import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { readField } from '../../scenario/field-edit.ts';
import type { HaproxyPod } from '../programs/haproxy.ts';
import type { Fault } from './fault.ts';
import { CONFIG, conf } from './helper-changes.ts';
import { BUNDLE, haproxyPods, KEY, pathOf, poll, SVID } from './memory-happenings.ts';
import { ownId } from './registration-changes.ts';
import { MINUTE, overwrite, rotatedBefore, WORKLOAD } from './svid-changes.ts';

const expected = (message: string, culprit = WORKLOAD) => ({ check: 'svid-valid', message, culprit }) as const;

/** Whether the key in the pod's file is that of the certificate in the other. */
function fits(pod: HaproxyPod): boolean {
  const key = createPrivateKey(readFileSync(pathOf(pod, KEY)));
  return new X509Certificate(readFileSync(pathOf(pod, SVID))).checkPrivateKey(key);
}

/** Whether the three files are what they should be, and fit together. */
export const SVID_FILE_FAULTS: readonly Fault[] = [
  {
    name: 'helper-left-out',
    ids: ['I1'],
    about: 'The values moved with a new chart, and HAProxy\u2019s pods have no spiffe-helper any more.',
    change: [{ object: WORKLOAD, set: { at: 'spec.template.spec.containers[2]' } }],
    expect: { check: 'svid-issued', message: 'no-helper', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'bundle-deleted',
    ids: ['I1'],
    about: 'Somebody removed the trust bundle from the directory of one pod.',
    happens: async (testbed) => {
      const [pod] = haproxyPods(testbed);
      rmSync(pathOf(pod, BUNDLE));
      testbed.age(5 * MINUTE);
    },
    expect: { check: 'svid-issued', message: 'partial-files', culprit: WORKLOAD },
    cure: { by: 'commands' },
  },
  {
    name: 'key-of-another-pod',
    ids: ['I4'],
    about: 'Somebody copied the private key of another pod over the one that belongs to the certificate.',
    happens: async (testbed) => {
      const [pod, other] = haproxyPods(testbed);
      if (other === undefined) throw new Error('there is one pod alone');
      await overwrite(testbed, pod, KEY, readFileSync(pathOf(other, KEY), 'utf8'));
    },
    expect: expected('key-mismatch'),
    cure: { by: 'commands' },
  },
  {
    name: 'key-emptied',
    ids: ['I4'],
    about: 'The disk was full when spiffe-helper wrote the key: the file is empty.',
    happens: (testbed) => overwrite(testbed, haproxyPods(testbed)[0], KEY, ''),
    expect: expected('key-empty'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-cut-off',
    ids: ['I1'],
    about: 'The disk was full when spiffe-helper wrote the certificate: half of it is there.',
    happens: async (testbed) => {
      const [pod] = haproxyPods(testbed);
      const whole = readFileSync(pathOf(pod, SVID), 'utf8');
      await overwrite(testbed, pod, SVID, whole.slice(0, whole.length / 2));
    },
    expect: expected('not-a-certificate'),
    cure: { by: 'commands' },
  },
  {
    name: 'bundle-emptied',
    ids: ['K5'],
    about: 'The disk was full when spiffe-helper wrote the trust bundle: the file is empty.',
    happens: (testbed) => overwrite(testbed, haproxyPods(testbed)[0], BUNDLE, ''),
    expect: expected('bundle-unusable'),
    cure: { by: 'commands' },
  },
  {
    name: 'svid-of-replaced-authority',
    ids: ['I5', 'K1'],
    about: 'SPIRE was installed anew; the SVIDs are of the authority before, and the bundle is of the new one.',
    happens: (testbed) => rotatedBefore(testbed, 15, { by: 'stranger' }),
    expect: expected('not-trusted'),
    cure: { by: 'commands' },
  },
  {
    name: 'bundle-of-before',
    ids: ['I5', 'K1'],
    about: 'The helper of one pod hung while SPIRE changed its authority, and somebody put the new SVID there by hand.',
    happens: async (testbed) => {
      const [pod, ...others] = haproxyPods(testbed);
      const before = readFileSync(pathOf(pod, BUNDLE), 'utf8');
      const { retire } = await testbed.spire.rotateAuthority();
      await retire();
      await poll([pod, ...others]);
      await overwrite(testbed, pod, BUNDLE, before);
    },
    expect: expected('not-trusted'),
    cure: { by: 'commands' },
  },
  {
    name: 'intermediate-moved-to-bundle',
    ids: ['I6'],
    about: 'add_intermediates_to_bundle takes the intermediate away from what HAProxy presents.',
    spire: { nested: true },
    change: [conf('daemon_mode = true', 'add_intermediates_to_bundle = true\ndaemon_mode = true')],
    expect: expected('intermediate-missing', CONFIG),
    cure: { by: 'commands' },
  },
  {
    name: 'two-helpers-write-one-directory',
    ids: ['I4'],
    about: 'A second helper with an SVID of its own writes its certificate over that of the first, and its key beside.',
    objects: (all) => {
      for (const object of all) {
        if (object.kind === 'Deployment' && readField(object, 'metadata.name') === 'haptic-haproxy') {
          const containers = readField(object, 'spec.template.spec.containers');
          const volumes = readField(object, 'spec.template.spec.volumes');
          const helper = structuredClone(readField(object, 'spec.template.spec.containers[2]'));
          if (!Array.isArray(containers) || !Array.isArray(volumes)) throw new Error('no containers');
          if (typeof helper !== 'object' || helper === null || Array.isArray(helper)) throw new Error('no helper');
          const { livenessProbe: _live, readinessProbe: _ready, ...rest } = helper;
          containers.push({
            ...rest,
            name: 'mesh-helper',
            volumeMounts: [
              { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api', readOnly: true },
              { name: 'haproxy-runtime', mountPath: '/etc/haproxy' },
              { name: 'mesh-helper-config', mountPath: '/etc/spiffe-helper', readOnly: true },
            ],
          });
          volumes.push({ name: 'mesh-helper-config', configMap: { name: 'haptic-mesh-helper-config' } });
        }
      }
      return all;
    },
    change: [
      ownId({ hint: 'default' }),
      ownId({ hint: 'mesh', spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/mesh/ingress' }, 'haptic-mesh'),
      conf('daemon_mode = true', 'hint = "default"\ndaemon_mode = true'),
      {
        add: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'haptic-mesh-helper-config', namespace: 'haptic' },
          data: {
            'helper.conf': [
              'agent_address = "/spiffe-workload-api/spire-agent.sock"',
              'cert_dir = "/etc/haproxy/spiffe"',
              'svid_file_name = "svid.pem"',
              'svid_key_file_name = "key.pem"',
              'svid_bundle_file_name = "ca.pem"',
              'hint = "mesh"',
              'daemon_mode = true',
              '',
            ].join('\n'),
          },
        },
      },
    ],
    happens: async (testbed) => {
      // Whose certificate stays is a matter of who writes last, in each new pod.
      for (let attempt = 0; attempt < 20 && haproxyPods(testbed).every(fits); attempt += 1) {
        for (const { ref } of haproxyPods(testbed))
          testbed.store.remove({ kind: 'Pod', namespace: ref.namespace, name: ref.pod });
        await testbed.settle();
      }
      testbed.age(5 * MINUTE);
    },
    expect: expected('key-mismatch'),
    cure: { by: 'commands' },
  },
];
