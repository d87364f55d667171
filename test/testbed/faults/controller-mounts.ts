import { writeField } from '../../scenario/field-edit.ts';
import type { Fault, ObjectChange } from './fault.ts';

/** The controller and what is mounted in it. */
export const CONTROLLER = 'Deployment haptic/haptic-controller';
export const PLACEHOLDER = 'ConfigMap haptic/haptic-spiffe-validation-certs';

const MOUNTS = 'spec.template.spec.containers[0].volumeMounts';
const VOLUMES = 'spec.template.spec.volumes';
const HAPROXY = 'Deployment haptic/haptic-haproxy';
const TEMPLATES = 'HAProxyTemplateConfig haptic/haptic-config';
const SNIPPET = 'spec.templateSnippets["backend-directives-800-server-mtls-spire"].template';
const OLD = '/etc/haproxy/spiffe';
const MOVED = '/etc/haproxy/identity';

const notMounted: readonly ObjectChange[] = [
  { object: CONTROLLER, set: { at: MOUNTS } },
  { object: CONTROLLER, set: { at: VOLUMES } },
];

/** Placeholders that are not where the controller's HAProxy looks for them. */
export const MOUNT_FAULTS: readonly Fault[] = [
  {
    name: 'placeholder-not-mounted',
    ids: ['N1'],
    about: 'The values name the ConfigMap with placeholders, but under a key that the controller does not read.',
    change: notMounted,
    expect: { check: 'controller-placeholder', message: 'not-mounted', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-never-made',
    ids: ['N1'],
    about: 'The snippet was installed without its placeholders: there is no ConfigMap and no mount.',
    change: [...notMounted, { remove: PLACEHOLDER }],
    expect: { check: 'controller-placeholder', message: 'not-mounted', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-lost-in-an-upgrade',
    ids: ['N1'],
    about: 'An upgrade moved the keys of the values, and the new controller pod has no placeholders any more.',
    happens: async ({ store, settle }) => {
      const controller = store.get({ kind: 'Deployment', namespace: 'haptic', name: 'haptic-controller' });
      if (controller === undefined) throw new Error('the controller is gone');
      writeField(controller, MOUNTS, undefined);
      writeField(controller, VOLUMES, undefined);
      store.update(controller, { manager: 'helm' });
      await settle();
    },
    expect: { check: 'controller-placeholder', message: 'not-mounted', culprit: CONTROLLER, phase: 'active' },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-at-another-path',
    ids: ['N2', 'N13'],
    about: 'The placeholders are mounted where the snippet does not look.',
    change: [{ object: CONTROLLER, set: { at: `${MOUNTS}[0].mountPath`, to: '/etc/haproxy/certs' } }],
    expect: { check: 'controller-placeholder', message: 'wrong-path', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'snippet-moved-without-placeholder',
    ids: ['N13'],
    about: 'Snippet, spiffe-helper and reloader were moved to another directory, the placeholders were not.',
    change: [
      ...['ca-file ', 'crt '].map((word) => moved(TEMPLATES, SNIPPET, word)),
      ...['CERT=', 'KEY=', 'BUNDLE='].map((word) => moved(HAPROXY, 'spec.template.spec.containers[3].args[0]', word)),
      moved('ConfigMap haptic/haptic-spiffe-helper-config', 'data["helper.conf"]', 'cert_dir = "'),
      { object: HAPROXY, set: { at: 'spec.template.spec.initContainers[0].command[2]', to: MOVED } },
    ],
    expect: { check: 'controller-placeholder', message: 'wrong-path', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-over-everything',
    ids: ['N12'],
    about: 'The placeholders are mounted over /etc/haproxy, one directory too high.',
    change: [{ object: CONTROLLER, set: { at: `${MOUNTS}[0].mountPath`, to: '/etc/haproxy' } }],
    expect: { check: 'controller-placeholder', message: 'hides-directory', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-in-haproxy-pod',
    ids: ['N2'],
    about: 'The placeholders are mounted in HAProxy, too, where they cover the directory of the SVID.',
    change: [
      {
        object: HAPROXY,
        set: {
          at: 'spec.template.spec.containers[0].volumeMounts[1]',
          to: { name: 'spiffe-validation-certs', mountPath: '/etc/haproxy/spiffe', readOnly: true },
        },
      },
      {
        object: HAPROXY,
        set: {
          at: 'spec.template.spec.volumes[3]',
          to: { name: 'spiffe-validation-certs', configMap: { name: 'haptic-spiffe-validation-certs' } },
        },
      },
    ],
    expect: { check: 'spiffe-dir', message: 'shadowed', culprit: HAPROXY },
    cure: { by: 'commands' },
  },
  {
    name: 'placeholder-locked-up',
    ids: ['N11'],
    about: 'The placeholders are mounted with mode 0400 and without fsGroup, so that they are for root alone.',
    change: [
      { object: CONTROLLER, set: { at: `${VOLUMES}[0].configMap.defaultMode`, to: 0o400 } },
      { object: CONTROLLER, set: { at: 'spec.template.spec.securityContext.fsGroup' } },
    ],
    expect: { check: 'controller-placeholder', message: 'unreadable-mode', culprit: CONTROLLER },
    cure: { by: 'commands' },
  },
];

function moved(object: string, at: string, before: string): ObjectChange {
  return { object, replace: { at, from: `${before}${OLD}`, to: `${before}${MOVED}` } };
}
