import { isObject, type Json, textAt } from '../json.ts';
import { fields, type Keep, list, map, type Place, pick, presence, scalar, text } from './shape.ts';

const MAX_ANNOTATION = 256;

/** Who owns an object, how Istio treats it, what its template was computed from. */
const KNOWN_ANNOTATION =
  /^(?:meta\.helm\.sh|helm\.sh|argocd\.argoproj\.io|[a-z]+\.toolkit\.fluxcd\.io|sidecar\.istio\.io|traffic\.sidecar\.istio\.io|checksum|deployment\.kubernetes\.io)\//;
const CLASS_ANNOTATION = /^(?:ingressclass\.kubernetes\.io\/is-default-class|kubernetes\.io\/ingress\.class)$/;
const CONTROLLER_FAMILY =
  /^(?:(?:ingress\.)?haproxy\.(?:org|com)|haproxy-ingress\.github\.io|(?:nginx\.)?ingress\.kubernetes\.io|nginx\.org)\//;
const ABOUT_BACKEND_TLS = /ssl|tls|verify|secure|sni|server-(?:crt|ca|proto)|backend-protocol|crt|ca-secret/;
const MAY_ASK_FOR_MTLS = /mtls|spiffe|spire|svid|tls/i;
/** Free text and header values are no switches. */
const HOLDS_VALUES = /snippet|header|auth(?!-tls)|config|password|cors|last-applied/i;

/**
 * Annotations are free text, so a value passes for what its key is: an owner's mark, a switch of an ingress controller
 * about TLS to backends, or — on an Ingress — a single word, which is what an annotation that asks for mTLS holds.
 */
function annotations(kind: string): Keep {
  return (value, place) =>
    pick(value, place, (key) => (isObject(value) && passes(kind, key, textAt(value[key]) ?? '') ? text : undefined));
}

function passes(kind: string, key: string, value: string): boolean {
  if (value.length >= MAX_ANNOTATION) return false;
  if (KNOWN_ANNOTATION.test(key)) return true;
  if (kind === 'Pod') return false;
  if (CLASS_ANNOTATION.test(key)) return true;
  if (kind !== 'Ingress' || HOLDS_VALUES.test(key)) return false;
  if (CONTROLLER_FAMILY.test(key)) return ABOUT_BACKEND_TLS.test(key);
  return MAY_ASK_FOR_MTLS.test(key) || /^[A-Za-z01]{0,12}$/.test(value);
}

/** Which keys of `data` somebody changed; the rest of managedFields says nothing that is read. */
const fieldsV1: Keep = (value, place) =>
  pick(value, place, (key) => (key === 'f:data' || key === 'f:binaryData' ? map(presence) : undefined));

/** `kind` decides about annotations; a pod template is treated as a Pod. */
export function metadata(kind: string): Keep {
  const shape = fields({
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    creationTimestamp: text,
    deletionTimestamp: text,
    generation: scalar,
    resourceVersion: text,
    labels: map(text),
    annotations: annotations(kind),
    ownerReferences: list(fields({ apiVersion: text, kind: text, name: text, uid: text, controller: scalar })),
    managedFields: list(fields({ manager: text, operation: text, time: text, subresource: text, fieldsV1 })),
  });
  return (value: Json, place: Place) => {
    if (isObject(value) && isObject(value.annotations)) {
      for (const key of Object.keys(value.annotations)) {
        if (/last-applied-configuration$/.test(key)) place.at('annotations').at(key).note('credential');
      }
    }
    return shape(value, place);
  };
}
