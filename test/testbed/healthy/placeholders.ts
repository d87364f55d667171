import { readField, writeField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import type { KubeObject } from '../seams.ts';

const NAME = 'haptic-spiffe-validation-certs';
const CERTIFICATE = 'data["svid.pem"]';
const KEY = 'data["svid.pem.key"]';

/** Forms of what the controller validates with, all of which HAProxy loads. */
export const PLACEHOLDER_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'placeholder-combined',
    about: 'The placeholder svid.pem holds certificate and key, and the key is in its own file as well.',
    objects: (objects) => withPlaceholder(objects, (object) => writeField(object, CERTIFICATE, combined(object))),
  },
  {
    name: 'placeholder-combined-alone',
    about: 'The placeholder svid.pem holds certificate and key, and there is no file for the key.',
    objects: (objects) =>
      withPlaceholder(objects, (object) => {
        writeField(object, CERTIFICATE, combined(object));
        writeField(object, KEY, undefined);
      }),
  },
  {
    name: 'placeholder-from-secret',
    about: 'The placeholder is a Secret, and the controller mounts that.',
    objects: (objects) =>
      withPlaceholder(objects, (object) => {
        const data = Object.entries(Object(object.data)).map(([name, text]) => [
          name,
          Buffer.from(String(text)).toString('base64'),
        ]);
        Object.assign(object, { kind: 'Secret', type: 'Opaque', data: Object.fromEntries(data) });
      }),
    change: [
      {
        object: 'Deployment haptic/haptic-controller',
        set: {
          at: 'spec.template.spec.volumes[0]',
          to: { name: 'spiffe-validation-certs', secret: { secretName: NAME } },
        },
      },
    ],
  },
];

function withPlaceholder(objects: KubeObject[], edit: (placeholder: KubeObject) => void): KubeObject[] {
  const placeholder = objects.find((object) => readField(object, 'metadata.name') === NAME);
  if (placeholder === undefined) throw new Error('the base has no placeholder');
  edit(placeholder);
  return objects;
}

function combined(placeholder: KubeObject): string {
  return `${String(readField(placeholder, CERTIFICATE))}${String(readField(placeholder, KEY))}`;
}
