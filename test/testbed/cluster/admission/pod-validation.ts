import type { Editable } from '../../../scenario/field-edit.ts';
import { objectsAt, textAt } from '../fields.ts';

/** What is invalid in a pod's spec, in the API server's words; `at` is where the spec is: `spec` or `spec.template.spec`. */
export function podSpecErrors(spec: Editable | undefined, at: string): readonly string[] {
  const volumes = objectsAt(spec, 'volumes').map((volume) => textAt(volume, 'name'));
  const errors: string[] = volumes.flatMap((name, index) =>
    volumes.indexOf(name) < index ? [`${at}.volumes[${index}].name: Duplicate value: ${JSON.stringify(name)}`] : [],
  );
  if (objectsAt(spec, 'containers').length === 0) errors.push(`${at}.containers: Required value`);
  const names = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    for (const [index, container] of objectsAt(spec, list).entries()) {
      const here = `${at}.${list}[${index}]`;
      const name = textAt(container, 'name');
      if (name === '') errors.push(`${here}.name: Required value`);
      else if (names.has(name)) errors.push(`${here}.name: Duplicate value: ${JSON.stringify(name)}`);
      names.add(name);
      if (textAt(container, 'image') === '') errors.push(`${here}.image: Required value`);
      errors.push(...mountErrors(objectsAt(container, 'volumeMounts'), volumes, here));
    }
  }
  return errors;
}

function mountErrors(mounts: ReturnType<typeof objectsAt>, volumes: readonly string[], at: string): readonly string[] {
  const paths = mounts.map((mount) => textAt(mount, 'mountPath'));
  return mounts.flatMap((mount, index) => {
    const volume = textAt(mount, 'name');
    const path = paths[index] ?? '';
    return [
      ...(volumes.includes(volume) ? [] : [`${at}.volumeMounts[${index}].name: Not found: ${JSON.stringify(volume)}`]),
      ...(paths.indexOf(path) < index
        ? [`${at}.volumeMounts[${index}].mountPath: Invalid value: ${JSON.stringify(path)}: must be unique`]
        : []),
    ];
  });
}
