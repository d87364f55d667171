import { readField, writeField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import type { KubeObject } from '../seams.ts';
import { renamed, template } from './template.ts';

/** More than one HAPTIC, and other versions of it. */
export const RELEASE_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'haptic-0-2',
    about:
      'HAPTIC from 0.2 on: its agent in place of the Data Plane API, its own names and an Ingress class of its own.',
    change: [
      template('containers[1]', {
        name: 'agent',
        image: 'registry.example.net/haptic:0.10.0-haproxy3.2',
        command: ['/usr/local/bin/haptic-controller'],
        args: ['agent'],
        ports: [{ name: 'dataplane', containerPort: 5555 }],
        volumeMounts: [{ name: 'haproxy-runtime', mountPath: '/etc/haproxy' }],
      }),
      {
        object: 'Deployment haptic/haptic-controller',
        set: {
          at: 'spec.template.spec.containers[0].image',
          to: 'registry.example.net/haptic:0.10.0-haproxy3.2',
        },
      },
      {
        object: 'HAProxyTemplateConfig haptic/haptic-config',
        set: { at: 'spec.watchedResources.ingresses.fieldSelector', to: 'spec.ingressClassName=haptic' },
      },
      { object: 'Ingress shop/api', set: { at: 'spec.ingressClassName', to: 'haptic' } },
    ],
  },
  {
    name: 'two-releases',
    about: 'Two releases in two namespaces, each with identities and an Ingress class of its own.',
    objects: (objects) => [...objects, ...anotherRelease(objects, 'edge')],
  },
  {
    name: 'two-releases-in-one-namespace',
    about: 'Two releases in one namespace, each with identities and an Ingress class of its own.',
    objects: (objects) => [...objects, ...anotherRelease(objects, 'haptic')],
  },
  {
    name: 'second-release-without-mtls',
    about: 'A second release, in a namespace of its own, has nothing of SPIFFE.',
    objects: (objects) => [...objects, ...withoutSpiffe(anotherRelease(objects, 'edge'))],
  },
  {
    name: 'second-release-without-mtls-in-one-namespace',
    about: 'A second release in the same namespace has nothing of SPIFFE.',
    objects: (objects) => [...objects, ...withoutSpiffe(anotherRelease(objects, 'haptic'))],
  },
];

/** A copy of the base's release named edge, with a backend of its own. */
function anotherRelease(objects: readonly KubeObject[], namespace: string): readonly KubeObject[] {
  const own = objects.filter(
    (object) =>
      readField(object, 'metadata.namespace') === 'haptic' ||
      (object.kind === 'Namespace' && namespace !== 'haptic' && readField(object, 'metadata.name') === 'haptic') ||
      object.kind === 'Ingress',
  );
  const copies = renamed(own, [
    ['"namespace":"haptic"', `"namespace":"${namespace}"`],
    ['"name":"haptic"', `"name":"${namespace}"`],
    ['"kubernetes.io/metadata.name":"haptic"', `"kubernetes.io/metadata.name":"${namespace}"`],
    ['release-namespace":"haptic"', `release-namespace":"${namespace}"`],
    ['release-name":"haptic"', 'release-name":"edge"'],
    ['kubernetes.io/instance":"haptic"', 'kubernetes.io/instance":"edge"'],
    [/"(name|value)":"haptic-/g, '"$1":"edge-'],
    ['spec.ingressClassName=haproxy', 'spec.ingressClassName=edge'],
    ['"ingressClassName":"haproxy"', '"ingressClassName":"edge"'],
    ['"host":"api.example.com"', '"host":"edge.example.com"'],
  ]);
  for (const ingress of copies.filter(({ kind }) => kind === 'Ingress')) writeField(ingress, 'metadata.name', 'edge');
  return copies;
}

function withoutSpiffe(objects: readonly KubeObject[]): readonly KubeObject[] {
  const rest = objects.filter((object) => !/spiffe/.test(String(readField(object, 'metadata.name'))));
  for (const object of rest) {
    if (object.kind === 'Ingress') writeField(object, 'metadata.annotations', {});
    if (object.kind === 'HAProxyTemplateConfig') writeField(object, 'spec.templateSnippets', {});
    if (object.kind !== 'Deployment') continue;
    const spec = 'spec.template.spec';
    writeField(object, `${spec}.initContainers`, undefined);
    const containers = readField(object, `${spec}.containers`);
    const volumes = readField(object, `${spec}.volumes`);
    if (!Array.isArray(containers) || !Array.isArray(volumes)) continue;
    const plain = containers.filter((each) => !/spiffe-helper|cert-reloader/.test(String(readField(each, 'name'))));
    for (const container of plain) {
      const mounts = readField(container, 'volumeMounts');
      if (Array.isArray(mounts))
        writeField(
          Object(container),
          'volumeMounts',
          mounts.filter((mount) => !/spiffe/.test(String(readField(mount, 'name')))),
        );
    }
    writeField(object, `${spec}.containers`, plain);
    writeField(
      object,
      `${spec}.volumes`,
      volumes.filter((volume) => !/spiffe/.test(String(readField(volume, 'name')))),
    );
  }
  return rest;
}
