import type { Editable } from '../../scenario/field-edit.ts';
import type { Fault } from './fault.ts';
import { CONFIG, helperField, WORKLOAD } from './helper-changes.ts';

const expected = (message: string, culprit = WORKLOAD) => ({ check: 'csi-socket-name', message, culprit }) as const;

const VOLUME = 'spec.template.spec.volumes[1]';
const UPSTREAM = 'upstream.csi.spiffe.io';
const RUNTIME: Editable = { name: 'haproxy-runtime', mountPath: '/etc/haproxy' };
const CONF: Editable = { name: 'spiffe-helper-config', mountPath: '/etc/spiffe-helper', readOnly: true };
const SOCKET: Editable = { name: 'spiffe-workload-api', mountPath: '/spiffe-workload-api', readOnly: true };

/** How the directory with the socket gets into the container of spiffe-helper. */
export const SOCKET_VOLUME_FAULTS: readonly Fault[] = [
  {
    name: 'workload-api-mounted-elsewhere',
    ids: ['D2'],
    about: 'The Workload API is mounted under another path than helper.conf dials.',
    change: [helperField('volumeMounts[0].mountPath', '/run/spire/sockets')],
    expect: expected('wrong-directory', CONFIG),
    cure: { by: 'commands' },
  },
  {
    name: 'workload-api-mounted-in-haproxy-only',
    ids: ['D3'],
    about: 'The Workload API is mounted in the container of HAProxy, which does not use it.',
    change: [
      helperField('volumeMounts', [RUNTIME, CONF]),
      { object: WORKLOAD, set: { at: 'spec.template.spec.containers[0].volumeMounts', to: [RUNTIME, SOCKET] } },
    ],
    expect: expected('not-mounted'),
    cure: { by: 'commands' },
  },
  {
    name: 'workload-api-volume-missing',
    ids: ['D3'],
    about: 'The pods have no volume with the Workload API.',
    change: [helperField('volumeMounts', [RUNTIME, CONF]), { object: WORKLOAD, set: { at: VOLUME } }],
    expect: expected('not-mounted'),
    cure: { by: 'commands' },
  },
  {
    name: 'csi-volume-writable',
    ids: ['B4'],
    about: 'readOnly stands on the mount and not on the volume.',
    change: [{ object: WORKLOAD, set: { at: `${VOLUME}.csi.readOnly` } }],
    expect: expected('not-read-only'),
    cure: { by: 'commands' },
  },
  {
    name: 'upstream-driver',
    ids: ['D8'],
    about: 'The volume names the driver that is meant for nested SPIRE servers.',
    change: [{ object: WORKLOAD, set: { at: `${VOLUME}.csi.driver`, to: UPSTREAM } }],
    expect: expected('upstream-driver'),
    cure: { by: 'commands' },
  },
  {
    name: 'upstream-driver-refused',
    ids: ['D8'],
    about: 'A nested SPIRE keeps workloads off its upstream driver by an admission policy, and no pod is made.',
    change: [
      { object: WORKLOAD, set: { at: `${VOLUME}.csi.driver`, to: UPSTREAM } },
      {
        add: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name: UPSTREAM },
          spec: {
            validations: [
              {
                expression: `!object.spec.volumes.exists(c, has(c.csi) && has(c.csi.driver) && c.csi.driver == "${UPSTREAM}")`,
                message: `you may not use the ${UPSTREAM} csi driver`,
              },
            ],
          },
        },
      },
      {
        add: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicyBinding',
          metadata: { name: UPSTREAM },
          spec: { policyName: UPSTREAM, validationActions: ['Deny'] },
        },
      },
    ],
    expect: expected('upstream-driver'),
    cure: { by: 'commands' },
  },
];
