import { dig, objectsAt, textAt } from '../cluster/fields.ts';
import type { KubeObject } from '../seams.ts';
import type { Fault } from './fault.ts';
import { CONFIG, conf, helperField, WORKLOAD } from './helper-changes.ts';

const expected = (message: string, culprit = WORKLOAD) =>
  ({ check: 'helper-config-syntax', message, culprit }) as const;

const VOLUME = 'spec.template.spec.volumes[2]';

/** Moves spiffe-helper's container among the init containers. */
function helperAmongInitContainers(objects: KubeObject[]): KubeObject[] {
  for (const object of objects) {
    const spec = dig(object, 'spec', 'template', 'spec');
    if (textAt(object, 'metadata', 'name') !== 'haptic-haproxy' || typeof spec !== 'object') continue;
    if (spec === null || Array.isArray(spec)) continue;
    const helper = objectsAt(spec, 'containers').filter(({ name }) => name === 'spiffe-helper');
    // Validation of the API allows probes for native sidecars only.
    const bare = helper.map(({ livenessProbe: _live, readinessProbe: _ready, ...rest }) => rest);
    spec.initContainers = [...objectsAt(spec, 'initContainers'), ...bare];
    spec.containers = objectsAt(spec, 'containers').filter(({ name }) => name !== 'spiffe-helper');
  }
  return objects;
}

/** Whether spiffe-helper is started as it has to be, with its configuration where it looks. */
export const HELPER_POD_FAULTS: readonly Fault[] = [
  {
    name: 'helper-among-init-containers',
    ids: ['E12'],
    about: 'spiffe-helper runs for ever as an init container, and nothing after it starts.',
    objects: helperAmongInitContainers,
    expect: expected('never-ends'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-path-wrong',
    ids: ['E17'],
    about: '-config names a path under which nothing is mounted.',
    change: [helperField('args', ['-config', '/etc/spiffe/helper.conf'])],
    expect: expected('config-path'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-key-named-differently',
    ids: ['E17'],
    about: 'The key of the ConfigMap is not the file name that -config asks for.',
    objects: (objects) => {
      for (const object of objects) {
        if (textAt(object, 'metadata', 'name') !== 'haptic-spiffe-helper-config') continue;
        object.data = { 'spiffe-helper.conf': textAt(object, 'data', 'helper.conf') };
      }
      return objects;
    },
    expect: expected('config-path'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-flag-missing',
    ids: ['E17'],
    about: 'Without -config spiffe-helper looks in its working directory.',
    change: [helperField('args')],
    expect: expected('config-path'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-not-mounted',
    ids: ['E17'],
    about: 'The ConfigMap is a volume of the pod, and the container does not mount it.',
    change: [helperField('volumeMounts[2]')],
    expect: expected('config-path'),
    cure: { by: 'commands' },
  },
  {
    name: 'helper-flag-unknown',
    ids: ['E4'],
    about: 'The container has a flag that no release knows.',
    change: [helperField('args', ['-config', '/etc/spiffe-helper/helper.conf', '-exitWhenReady'])],
    expect: expected('unknown-flag'),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-map-missing',
    ids: ['E19', 'O7'],
    about: 'The ConfigMap with helper.conf was never made.',
    change: [{ remove: CONFIG }],
    expect: expected('config-map-missing', CONFIG),
    cure: { by: 'commands' },
  },
  {
    name: 'conf-map-name-unrendered',
    ids: ['E19', 'O3'],
    about: 'The volume names its ConfigMap with a Helm expression that nothing has rendered.',
    change: [
      {
        object: WORKLOAD,
        set: { at: `${VOLUME}.configMap.name`, to: '{{ include "haptic.fullname" . }}-spiffe-helper-config' },
      },
    ],
    expect: expected('config-map-missing', 'ConfigMap haptic/{{ include "haptic.fullname" . }}-spiffe-helper-config'),
    cure: { by: 'commands' },
  },
  {
    name: 'two-workload-api-addresses',
    ids: ['E20'],
    about: 'Two variables name the socket, agent_address does not, and spiffe-helper will not choose.',
    change: [
      conf('agent_address = "/spiffe-workload-api/spire-agent.sock"\n', ''),
      helperField('env', [
        { name: 'SPIRE_AGENT_ADDRESS', value: '/spiffe-workload-api/spire-agent.sock' },
        { name: 'SPIFFE_ENDPOINT_SOCKET', value: '/spiffe-workload-api/spire-agent.sock' },
      ]),
    ],
    expect: expected('two-addresses'),
    cure: { by: 'commands' },
  },
];
