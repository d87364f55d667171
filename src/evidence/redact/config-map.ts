import { isObject, type Json, objectAt, textAt } from '../json.ts';
import type { ContainerView } from '../pod-view.ts';
import { type ReducedPem, reducePem } from '../reduced-pem.ts';
import type { CollectedObject } from '../snapshot.ts';
import { viewPod } from '../view-pod.ts';
import { nameOf, namespaceOf } from '../world.ts';
import { reduceHelperConfig } from './helper-config.ts';
import { maskSecrets } from './key-material.ts';
import { metadata } from './metadata.ts';
import { fields, type Keep, type Place } from './shape.ts';
import { reduceAgentConfig, reduceControllerManagerConfig } from './spire-config.ts';

/** Whose configuration a ConfigMap holds. */
export type ConfigMapRole = 'spiffe-helper' | 'spire-agent' | 'controller-manager';

const TEMPLATED = ['Pod', 'Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'];

/** Roles of ConfigMaps by who mounts them, keyed `namespace/name`. */
export function rolesByMount(objects: readonly CollectedObject[]): ReadonlyMap<string, ConfigMapRole> {
  const roles = new Map<string, ConfigMapRole>();
  for (const collected of objects) {
    if (!TEMPLATED.includes(textAt(collected.object.kind) ?? '')) continue;
    const pod = viewPod(collected);
    for (const container of pod.containers) {
      const role = mounterRole(container);
      for (const { volume: name } of role ? container.mounts : []) {
        const volume = pod.volumes.find((candidate) => candidate.name === name);
        if (role && volume?.type === 'configMap')
          roles.set(`${namespaceOf(collected.object) ?? ''}/${volume.configMap}`, role);
      }
    }
  }
  return roles;
}

function mounterRole({ role, image, args, command }: ContainerView): ConfigMapRole | undefined {
  if (role === 'spiffe-helper') return role;
  const words = [...command, ...args];
  if (image.basename === 'spire-agent' || words.some((word) => /agent\.conf$/.test(word))) return 'spire-agent';
  if (image.basename === 'spire-controller-manager') return 'controller-manager';
  return undefined;
}

/**
 * A ConfigMap: configuration that facts parse is reduced in its own language, and everything else becomes a description
 * of the PEM blocks in it. No string of `data` passes as it is.
 */
export function configMap(object: Json, place: Place, roles: ReadonlyMap<string, ConfigMapRole>): Json | undefined {
  const whole = objectAt(object);
  const role = roles.get(`${namespaceOf(whole) ?? ''}/${nameOf(whole)}`) ?? roles.get(`/${nameOf(whole)}`);
  const data = members((key, value, at) => reduceText(key, value, role, at));
  const binaryData = members((_, value, at) => describePem(Buffer.from(value, 'base64').toString('latin1'), at));
  return fields({ metadata: metadata('ConfigMap'), data, binaryData })(object, place);
}

type ReduceMember = (key: string, value: string, place: Place) => Json;

function members(reduce: ReduceMember): Keep {
  return (value, place) => {
    if (!isObject(value)) return undefined;
    const kept = Object.entries(value).flatMap(([key, member]): [string, Json][] =>
      typeof member === 'string' ? [[maskSecrets(key.slice(0, 253)).text, reduce(key, member, place.at(key))]] : [],
    );
    return Object.fromEntries(kept);
  };
}

function reduceText(key: string, value: string, role: ConfigMapRole | undefined, place: Place): Json {
  switch (languageOf(key, value, role)) {
    case 'spiffe-helper': {
      const reduced = reduceHelperConfig(value);
      if (reduced !== value) place.note('credential');
      return reduced;
    }
    case 'spire-agent':
      place.note('not-needed');
      return reduceAgentConfig(value, place);
    case 'controller-manager':
      place.note('not-needed');
      return reduceControllerManagerConfig(value, place);
    default:
      return describePem(value, place);
  }
}

/** By who reads it; where nobody was seen to, by what it says. */
function languageOf(key: string, value: string, role: ConfigMapRole | undefined): ConfigMapRole | undefined {
  if (value.length > 262_144) return undefined;
  if (/^[ \t]*"?(?:agent_?address|cert_?dir|svid_?(?:bundle_?)?file_?name|svid_?key_?file_?name)\b/im.test(value))
    return 'spiffe-helper';
  if (key === 'helper.conf' || (role === 'spiffe-helper' && /\.(?:conf|hcl|cfg|config|json|toml)$/.test(key)))
    return 'spiffe-helper';
  if (key === 'controller-manager-config.yaml' || role === 'controller-manager') return 'controller-manager';
  const namesSocket = /\bsocket_path\b/.test(value) && /\btrust_domain\b/.test(value);
  if (key === 'agent.conf' || (role === 'spire-agent' && namesSocket)) return 'spire-agent';
  return undefined;
}

function describePem(value: string, place: Place): Json {
  const reduced: ReducedPem = reducePem(value);
  const hasKey = reduced.reducedPem.some(
    (block) => block.class === 'key' || (block.class === 'text' && block.resembles === 'key'),
  );
  place.note(hasKey ? 'private-key' : 'not-needed');
  return toJson(reduced);
}

function toJson(reduced: ReducedPem): Json {
  return JSON.parse(JSON.stringify(reduced)) as Json;
}
