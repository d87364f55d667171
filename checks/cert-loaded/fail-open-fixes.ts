import type { Evidence, Finding, Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { RenderedBackend } from '../../src/evidence/facts/rendered-config.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { scaleUp } from '../../src/evidence/scale-up.ts';
import type { MessageId } from './messages.ts';
import { nameOfSvid } from './reloader.ts';
import type { Scene } from './scene.ts';
import {
  addSnippet,
  isStrongSnippet,
  restartControllers,
  SNIPPET_NAME,
  strengthenSnippet,
  withoutConflicts,
} from './snippet-fixes.ts';
import { standardReloader } from './standard-reloader.ts';

const DEFAULT_ANNOTATION = 'example.com/server-mtls-spire';
const SPEAKS_TLS =
  'the backend speaks TLS with its own SVID and accepts HAProxy’s: from then on plain HTTP no longer reaches it';

export function annotationValue(scene: Scene, ingress: AnnotatedIngress, evidence: readonly Evidence[]): Finding {
  const annotation = annotationOf(scene);
  const { file, line } = ingress.origin;
  const namespaced = ingress.ref.namespace === undefined ? {} : { namespace: ingress.ref.namespace };
  const fix: Fix = {
    summary: `Set ${annotation} to "true".`,
    durable: `the manifest or chart that makes Ingress ${nameOf(ingress.ref)}`,
    impact: 'reload',
    preconditions: [SPEAKS_TLS],
    ...(scene.at.fromFiles && file !== undefined
      ? {
          edit: {
            file,
            ...(line === undefined ? {} : { line }),
            before: `${annotation}: ${JSON.stringify(ingress.value)}`,
            after: `${annotation}: "true"`,
          },
        }
      : {
          commands: [
            { ...namespaced, args: ['annotate', '--overwrite', 'ingress', ingress.ref.name, `${annotation}=true`] },
          ],
          undo: `set ${annotation} back to ${JSON.stringify(ingress.value)}`,
        }),
  };
  return {
    message: 'annotation-value',
    data: { ingress: nameOf(ingress.ref), annotation, value: ingress.value },
    culprit: ingress.ref,
    evidence,
    fix,
  };
}

export function snippetMissing(scene: Scene, ingress: AnnotatedIngress, evidence: readonly Evidence[]): Finding {
  const { installation } = scene;
  const owner =
    installation.state === 'known' ? (installation.value.templateConfig ?? installation.value.ref) : scene.pod.workload;
  const commands = scene.at.fromFiles ? undefined : addSnippet(scene, annotationOf(scene));
  return {
    message: 'snippet-missing',
    data: { ingress: nameOf(ingress.ref), annotation: annotationOf(scene) },
    culprit: owner,
    evidence,
    fix: {
      summary: 'Install the template snippet that turns the annotation into TLS keywords.',
      durable: `Helm value controller.config.templateSnippets.${SNIPPET_NAME} (the name must begin with backend-directives-)`,
      impact: 'reload',
      ...(commands
        ? { commands, preconditions: [SPEAKS_TLS] }
        : { manual: 'the snippet is a text of the release’s values' }),
    },
  };
}

/** The snippet is there and the value is right: HAPTIC has not applied it. */
export function tlsMissing(
  scene: Scene,
  ingress: AnnotatedIngress,
  backend: RenderedBackend,
  evidence: readonly Evidence[],
): Finding {
  const snippet =
    scene.snippet.state === 'known' ? [{ from: scene.snippet.from, excerpt: scene.snippet.value.name }] : [];
  return {
    message: 'backend-without-tls',
    data: { backend: backend.name, ingress: nameOf(ingress.ref), conflicts: conflictText(ingress.conflicts) },
    culprit: ingress.ref,
    evidence: [...evidence, ...snippet],
    fix: leftOut(scene, ingress),
  };
}

/** Annotations of another library go first; else the controller, which has nothing to lose by it, renders anew. */
function leftOut(scene: Scene, { ref, conflicts }: AnnotatedIngress): Fix {
  if (conflicts.length > 0) {
    const keys = conflicts.map(({ key }) => key).join(', ');
    const change = scene.at.fromFiles
      ? { manual: 'they stand in the manifest' }
      : { commands: withoutConflicts(ref, conflicts) };
    return {
      summary: `Take ${keys} off Ingress ${nameOf(ref)}: another library decides about its backends by them.`,
      ...change,
      durable: `Ingress ${nameOf(ref)} without ${keys}`,
      impact: 'reload',
      preconditions: [SPEAKS_TLS],
    };
  }
  const controllers = scene.installation.state === 'known' ? scene.installation.value : undefined;
  const [paused] = controllers?.pausedControllers ?? [];
  if (paused && !scene.at.fromFiles && controllers?.controllerWorkloads.length === 1) {
    const why = 'without the controller nobody renders what the Ingress asks for';
    return { ...scaleUp(paused, why), impact: 'reload', durable: 'controller.replicaCount' };
  }
  const { commands } = scene.at.fromFiles ? {} : restartControllers(scene);
  return {
    summary:
      'Let the controller render the configuration anew; if it leaves the snippet out again, its last validation says why.',
    impact: 'reload',
    ...(commands ? { commands } : { manual: 'which of the release’s template libraries it is was not seen' }),
  };
}

/** Where the Ingress says otherwise, that goes; a CA file that no push reaches is reached by a reload. */
function strengthen({ scene, message, culprit, conflicts }: Weak): readonly KubectlCommand[] {
  if (conflicts.length > 0) return withoutConflicts(culprit, conflicts);
  const snippet = culprit.kind === 'Ingress' || !isStrong(scene) ? strengthenSnippet(scene) : undefined;
  if (snippet) return snippet;
  const reloaders = scene.reloaders.state === 'known' ? scene.reloaders.value : [];
  const pushing = reloaders.find(({ pushesCa }) => pushesCa);
  return message === 'ca-without-certificate' && pushing
    ? standardReloader(scene, nameOfSvid(scene), pushing.container)
    : [];
}

function isStrong({ snippet }: Scene): boolean {
  return snippet.state === 'known' && isStrongSnippet(snippet.value.template);
}

interface Weak {
  readonly scene: Scene;
  readonly message: MessageId;
  readonly backend: string;
  readonly culprit: ObjectRef;
  readonly conflicts: AnnotatedIngress['conflicts'];
  readonly evidence: readonly Evidence[];
}

export function weakTls(weak: Weak): Finding {
  const { scene, message, backend, culprit, conflicts, evidence } = weak;
  const snippet =
    scene.snippet.state === 'known'
      ? `the snippet ${scene.snippet.value.name} in the release’s values`
      : 'the template snippet in the release’s values';
  const commands = scene.at.fromFiles ? [] : strengthen(weak);
  const fix: Fix = {
    summary: `Put \`ssl verify required ca-file ${scene.bundle} crt ${scene.svid} sni str(NAME)\` last on the backend’s server lines: the last keyword wins.`,
    durable: conflicts.length > 0 ? `remove ${conflicts.map(({ key }) => key).join(', ')} from the Ingress` : snippet,
    impact: 'reload',
    ...(commands.length > 0
      ? { commands }
      : { manual: 'server lines are rendered by HAPTIC; change what renders them' }),
  };
  const common = {
    message,
    data: { backend, file: scene.bundle, conflicts: conflictText(conflicts) },
    culprit,
    evidence,
    fix,
  };
  return message === 'ca-without-certificate' ? { ...common, phase: 'latent' } : common;
}

function annotationOf({ snippet }: Scene): string {
  return snippet.state === 'known' ? snippet.value.annotation : DEFAULT_ANNOTATION;
}

function conflictText(conflicts: AnnotatedIngress['conflicts']): string {
  return conflicts.length === 0
    ? ''
    : ` The Ingress also has ${conflicts.map(({ key, value }) => `${key}=${value}`).join(', ')}.`;
}

function nameOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
