import type { Credentials, KubeObject } from '../../seams.ts';
import { dig, identityOf, numberAt, objectAt, textAt } from '../fields.ts';

/** User of HAProxy's images; every other image here starts as root. */
const HAPROXY_USER = 99;

/** The user that a container runs as: its own setting, its pod's, its image's. */
export function credentialsOf(pod: KubeObject, container: KubeObject): Credentials {
  const own = objectAt(container, 'securityContext');
  const shared = objectAt(pod, 'spec', 'securityContext');
  const uid = numberAt(own, 'runAsUser') ?? numberAt(shared, 'runAsUser') ?? imageUser(textAt(container, 'image'));
  const gid =
    numberAt(own, 'runAsGroup') ?? numberAt(shared, 'runAsGroup') ?? (uid === HAPROXY_USER ? HAPROXY_USER : 0);
  const supplemental = dig(shared, 'supplementalGroups');
  const fsGroup = numberAt(shared, 'fsGroup');
  const groups = Array.isArray(supplemental) ? supplemental.filter((group) => typeof group === 'number') : [];
  return { uid, gid, groups: [...new Set([...groups, ...(fsGroup === undefined ? [] : [fsGroup])])] };
}

/** Why the kubelet makes no configuration for the container, in its words; undefined: it does. */
export function userRefusal(pod: KubeObject, container: KubeObject): string | undefined {
  const mustNotBeRoot =
    dig(container, 'securityContext', 'runAsNonRoot') ?? dig(pod, 'spec', 'securityContext', 'runAsNonRoot');
  if (mustNotBeRoot !== true || credentialsOf(pod, container).uid !== 0) return undefined;
  const { namespace, name, uid } = identityOf(pod);
  const who = `(pod: "${name}_${namespace}(${uid})", container: ${textAt(container, 'name')})`;
  const isAsked =
    (dig(container, 'securityContext', 'runAsUser') ?? dig(pod, 'spec', 'securityContext', 'runAsUser')) === 0;
  return isAsked
    ? `container's runAsUser breaks non-root policy ${who}`
    : `container has runAsNonRoot and image will run as root ${who}`;
}

function imageUser(image: string): number {
  return /haproxy[^/]*$/.test(image) ? HAPROXY_USER : 0;
}
