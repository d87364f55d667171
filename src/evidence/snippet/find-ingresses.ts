import type { AnnotatedIngress } from '../facts/installation.ts';
import { dig, type Json, listAt, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import type { CollectedObject } from '../snapshot.ts';
import { fieldPath } from '../snapshot.ts';
import { namespaceOf, originOf, refOf } from '../world.ts';

/** Annotations of other libraries that also put TLS keywords on server lines. */
const DECIDES_ABOUT_TLS =
  /^(?:(?:ingress\.)?haproxy\.(?:org|com)\/(?:server-(?:ssl|crt|ca|proto)|ssl-)|haproxy-ingress\.github\.io\/(?:secure-|backend-protocol)|nginx\.ingress\.kubernetes\.io\/(?:backend-protocol|proxy-ssl-))/;
const OFF = /^(?:false|no|off|0|http|)$/i;
const MAX_SERVICES = 500;

/** The Ingress as one that asks for mTLS by `annotation`; undefined when it has no such annotation, or says no. */
export function viewAnnotated(collected: CollectedObject, annotation: string): AnnotatedIngress | undefined {
  const { object } = collected;
  const annotations = textsAt(dig(object, 'metadata', 'annotations'));
  const value = annotations[annotation];
  if (value === undefined || OFF.test(value.trim())) return undefined;
  const className = textAt(dig(object, 'spec', 'ingressClassName'));
  return {
    ref: refOf(object),
    origin: originOf(collected, fieldPath('metadata', 'annotations', annotation)),
    annotation,
    value,
    ...(className === undefined ? {} : { className }),
    services: servicesOf(collected),
    conflicts: Object.entries(annotations).flatMap(([key, other]) =>
      key !== annotation && DECIDES_ABOUT_TLS.test(key) && !OFF.test(other.trim()) ? [{ key, value: other }] : [],
    ),
  };
}

function servicesOf({ object }: CollectedObject): AnnotatedIngress['services'] {
  const namespace = namespaceOf(object) ?? 'default';
  const spec = objectAt(object.spec);
  const backends: (Json | undefined)[] = [spec.defaultBackend];
  for (const rule of listAt(spec.rules)) {
    for (const path of listAt(dig(rule, 'http', 'paths'))) backends.push(objectAt(path).backend);
  }
  const services = new Map<string, AnnotatedIngress['services'][number]>();
  for (const backend of backends) {
    const name = textAt(dig(backend, 'service', 'name'));
    const port = objectAt(dig(backend, 'service', 'port'));
    const written = textAt(port.name) ?? String(numberAt(port.number) ?? '');
    if (name && services.size < MAX_SERVICES) services.set(`${name}:${written}`, { namespace, name, port: written });
  }
  return [...services.values()];
}
