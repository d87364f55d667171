import { readField, writeField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import type { KubeObject } from '../seams.ts';
import { HELPER, RELOADER, renamed, template } from './template.ts';

/** Everything that people name as they like. */
export const NAME_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'other-paths',
    about: 'Directories and files have other names throughout.',
    objects: (objects) =>
      renamed(objects, [
        ['/etc/haproxy/spiffe', '/etc/haproxy/identity'],
        ['svid.pem', 'client.pem'],
        ['bundle.pem', 'roots.pem'],
        ['helper.conf', 'spiffe.hcl'],
        ['/etc/spiffe-helper', '/etc/identity'],
        ['/spiffe-workload-api', '/run/workload-api'],
      ]),
  },
  {
    name: 'other-container-names',
    about: "No container has the guide's name.",
    change: [
      template('containers[0].name', 'lb'),
      template(`${HELPER}.name`, 'identity'),
      template(`${RELOADER}.name`, 'pusher'),
      template('initContainers[0].name', 'prepare'),
      {
        object: 'Deployment haptic/haptic-controller',
        set: { at: 'spec.template.spec.containers[0].name', to: 'main' },
      },
    ],
  },
  {
    name: 'other-release-name',
    about: 'The release is called edge and lives in the namespace ingress.',
    objects: (objects) =>
      renamed(objects, [
        ['"namespace":"haptic"', '"namespace":"ingress"'],
        ['"name":"haptic"', '"name":"ingress"'],
        ['"kubernetes.io/metadata.name":"haptic"', '"kubernetes.io/metadata.name":"ingress"'],
        ['release-namespace":"haptic"', 'release-namespace":"ingress"'],
        ['release-name":"haptic"', 'release-name":"edge"'],
        ['kubernetes.io/instance":"haptic"', 'kubernetes.io/instance":"edge"'],
        [/"(name|value)":"haptic-/g, '"$1":"edge-'],
      ]),
    clients: {
      entrance: {
        namespace: 'ingress',
        service: 'edge-haproxy',
        labels: { 'app.kubernetes.io/instance': 'edge', 'app.kubernetes.io/component': 'loadbalancer' },
      },
    },
  },
  {
    name: 'argo-cd-labels',
    about: "Argo CD has put its application's name into the instance label of every object.",
    change: [
      {
        object: 'HAProxyTemplateConfig haptic/haptic-config',
        set: { at: 'spec.podSelector.matchLabels["app.kubernetes.io/instance"]', to: 'haptic' },
      },
    ],
    objects: (objects) => objects.map(relabelled),
  },
];

/** As Argo CD tracks what it made: labels of objects, not those of templates. */
function relabelled(object: KubeObject): KubeObject {
  if (readField(object, 'metadata.namespace') === 'haptic')
    writeField(object, 'metadata.labels["app.kubernetes.io/instance"]', 'edge-prod');
  return object;
}
