import type { ObjectRef, Origin } from '../evidence/reading.ts';

export function refText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** `ConfigMap haptic/x, data["helper.conf"] (values.yaml:120)`. */
export function originText({ object, field, file, line }: Origin): string {
  const where = [object ? refText(object) : undefined, field].filter((part) => part !== undefined).join(', ');
  if (file === undefined) return line === undefined ? where : `${where} line ${line}`;
  const position = line === undefined ? file : `${file}:${line}`;
  return where === '' ? position : `${where} (${position})`;
}
