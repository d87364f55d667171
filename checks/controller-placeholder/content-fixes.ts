import { posix } from 'node:path';
import type { Fix } from '../../src/doctor/check.ts';
import type { PlaceholderFile, PlaceholderMount } from '../../src/evidence/facts/controller.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { ObjectRef, Origin } from '../../src/evidence/reading.ts';
import { changeTemplate, hasTemplate, restartOf } from '../../src/evidence/workload-change.ts';
import { createDummy, replaceDummy, thenRestart } from './dummy.ts';
import { durableMount, type Scene } from './scene.ts';
import { mountPlaceholder } from './workload-fixes.ts';

/** A certificate nobody trusts and its key, made on the spot; 100 years, since `haproxy -c` reads no dates but people do. */
const MAKE_DUMMY =
  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=validation-placeholder' -keyout svid.pem.key -out svid.pem";
const BY_HAND = `a private key must not stand in a manifest's patch; make both with: ${MAKE_DUMMY}`;
const VALUES = 'the ConfigMap in extraDeploy of the Helm values';

/** Name of the ConfigMap where none was seen. */
export function usualConfigMap({ pod }: Scene): ObjectRef {
  const release = pod.workload.name.replace(/-controller$/, '');
  const namespace = pod.ref.namespace === undefined ? {} : { namespace: pod.ref.namespace };
  return { kind: 'ConfigMap', ...namespace, name: `${release}-spiffe-validation-certs` };
}

/** Creates the ConfigMap that a volume names; where the name cannot exist, the usual one, which the volume then names. */
export function createPlaceholder(scene: Scene, { configMap, volume }: PlaceholderMount): Fix {
  const summary = `Create ConfigMap ${configMap.name} from a self-signed dummy certificate.`;
  const common = { summary, durable: 'extraDeploy of the Helm values', impact: 'none' } as const;
  if (scene.fromFiles) return { ...common, manual: BY_HAND };
  if (/^[a-z0-9.-]+$/.test(configMap.name)) return { ...common, commands: [createDummy(scene, configMap)] };
  const usual = usualConfigMap(scene);
  const named = { volumes: [{ name: volume, configMap: { name: usual.name } }] };
  return {
    ...common,
    summary: `Create ConfigMap ${usual.name} from a self-signed dummy certificate, and let volume ${volume} name it.`,
    commands: [createDummy(scene, usual), ...changeTemplate(scene.pod, named)],
    impact: 'rollout',
  };
}

/** Puts proper content into the ConfigMap: certificate, key and CA of one new dummy. */
export function replaceContent(
  scene: Scene,
  { configMap, key, origin, subPath }: PlaceholderFile,
  what: string,
  isHanging: boolean,
): Fix {
  const { file, line } = origin;
  const after =
    what === 'key' ? '(the private key of the dummy certificate, as PEM)' : '(a self-signed dummy certificate, as PEM)';
  const summary = `Put a self-signed dummy certificate and its key into svid.pem, svid.pem.key and bundle.pem of ConfigMap ${configMap.name}; ${key} is the one that fails.`;
  if (scene.fromFiles) {
    const where = { file: file ?? `ConfigMap ${configMap.namespace}/${configMap.name}, ${origin.field ?? key}` };
    const edit = { ...where, ...(line === undefined ? {} : { line }), after };
    return { summary, edit, durable: VALUES, impact: subPath ? 'rollout' : 'none', manual: BY_HAND };
  }
  const { commands, impact } = thenRestart(scene, isHanging);
  return { summary, commands: [replaceDummy(scene, configMap), ...commands], durable: VALUES, impact };
}

/** Adds the file that is missing; all of them are made anew, since they have to belong together. */
export function addContent(scene: Scene, mount: PlaceholderMount, path: string): Fix {
  const { configMap } = mount;
  const name = posix.basename(path);
  const summary = `Add ${name} to ConfigMap ${configMap.name}: ${name.endsWith('.key') ? "the dummy certificate's key" : 'the dummy certificate'}.`;
  if (scene.fromFiles) {
    const why = 'a private key is made by openssl; svid.pem may also hold certificate and key together';
    return {
      summary,
      edit: {
        file: scene.pod.source?.file ?? `ConfigMap ${configMap.namespace}/${configMap.name}, data`,
        after: `${name}: | …`,
      },
      durable: VALUES,
      impact: 'none',
      manual: why,
    };
  }
  const volume = scene.pod.volumes.find((candidate) => candidate.name === mount.volume);
  const items = volume?.type === 'configMap' && volume.items.length > 0 ? volume.items : undefined;
  const shown = items?.some((item) => item.path === name)
    ? undefined
    : items && [...items.map(({ key, path: at }) => ({ key, path: at })), { key: name, path: name }];
  const projected = shown
    ? changeTemplate(scene.pod, {
        volumes: [{ name: mount.volume, configMap: { name: configMap.name, items: shown } }],
      })
    : [];
  const { commands, impact } = thenRestart(scene);
  return {
    summary,
    commands: [replaceDummy(scene, configMap), ...(projected.length > 0 ? projected : commands)],
    durable: VALUES,
    impact: projected.length > 0 ? 'rollout' : impact,
  };
}

/** What is mounted there was not read: a ConfigMap gets a new dummy, anything else gives way to one. */
export function replaceUnseen(scene: Scene, path: string, from: Origin): Fix {
  const { pod, container } = scene;
  const summary = `See to it that ${path} on the controller holds a certificate and its key; the error says which file fails.`;
  const mounted = mountOf(container, path);
  const volume = pod.volumes.find(({ name }) => name === mounted?.mount.volume);
  if (scene.fromFiles || !hasTemplate(pod)) {
    const manual = `what is mounted there is not read by the doctor; the error stands in ${from.field ?? 'the status'}`;
    return { summary, impact: 'none', manual };
  }
  if (volume?.type === 'configMap') {
    const configMap = { ...usualConfigMap(scene), name: volume.configMap };
    return {
      summary,
      commands: [replaceDummy(scene, configMap), ...restartOf(pod)],
      durable: VALUES,
      impact: 'rollout',
    };
  }
  const configMap = usualConfigMap(scene);
  const mounting = { pod, container, directory: posix.dirname(path), durable: durableMount(scene) };
  const { commands = [] } = mountPlaceholder(mounting, configMap);
  return {
    summary: `Mount a ConfigMap with a self-signed dummy certificate at ${posix.dirname(path)} of the controller instead of what is there.`,
    commands: [createDummy(scene, configMap), ...commands],
    durable: durableMount(scene),
    impact: 'rollout',
  };
}

export function replaceLeakedKey(scene: Scene, { configMap, key, origin }: PlaceholderFile): Fix {
  const common = {
    summary: `Replace ${key} of ConfigMap ${configMap.name} by a self-signed dummy, and treat the identity as leaked: have SPIRE issue anew and evict what was issued.`,
    durable: 'the ConfigMap in extraDeploy of the Helm values, and the history of the repository that holds them',
    impact: 'none',
  } as const;
  if (!scene.fromFiles) return { ...common, commands: [replaceDummy(scene, configMap)] };
  return {
    ...common,
    edit: {
      file: origin.file ?? `ConfigMap ${configMap.namespace}/${configMap.name}, ${origin.field ?? key}`,
      ...(origin.line === undefined ? {} : { line: origin.line }),
      after: '(the private key of a dummy certificate, as PEM)',
    },
    manual: BY_HAND,
  };
}
