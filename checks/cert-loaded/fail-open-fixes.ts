import type { Evidence, Finding, Fix } from '../../src/doctor/check.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { RenderedBackend } from '../../src/evidence/facts/rendered-config.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import type { MessageId } from './messages.ts';
import type { Scene } from './scene.ts';

const DEFAULT_ANNOTATION = 'example.com/server-mtls-spire';

export function annotationValue(scene: Scene, ingress: AnnotatedIngress, evidence: readonly Evidence[]): Finding {
  const annotation = annotationOf(scene);
  const { file, line } = ingress.origin;
  const namespaced = ingress.ref.namespace === undefined ? {} : { namespace: ingress.ref.namespace };
  const fix: Fix = {
    summary: `Set ${annotation} to "true".`,
    durable: `the manifest or chart that makes Ingress ${nameOf(ingress.ref)}`,
    impact: 'reload',
    preconditions: [
      'the backend speaks TLS with its own SVID and accepts HAProxy’s: from then on plain HTTP no longer reaches it',
    ],
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
  return {
    message: 'snippet-missing',
    data: { ingress: nameOf(ingress.ref), annotation: annotationOf(scene) },
    culprit: owner,
    evidence,
    fix: {
      summary: 'Install the template snippet that turns the annotation into TLS keywords.',
      durable:
        'Helm value controller.config.templateSnippets.backend-directives-800-server-mtls-spire (the name must begin with backend-directives-)',
      impact: 'reload',
      manual: 'the snippet is a text of the release’s values; a patch would be undone by the next upgrade',
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
    fix: {
      summary:
        'Find out why HAPTIC leaves the snippet out: look at the controller’s last validation and at the annotations that take the backend out of its hands.',
      impact: 'none',
      manual: 'which of them it is depends on the release’s template libraries',
      ...(ingress.conflicts.length > 0
        ? { durable: `Ingress ${nameOf(ingress.ref)} without ${ingress.conflicts.map(({ key }) => key).join(', ')}` }
        : {}),
    },
  };
}

export function weakTls(weak: {
  readonly scene: Scene;
  readonly message: MessageId;
  readonly backend: string;
  readonly culprit: ObjectRef;
  readonly conflicts: AnnotatedIngress['conflicts'];
  readonly evidence: readonly Evidence[];
}): Finding {
  const { scene, message, backend, culprit, conflicts, evidence } = weak;
  const snippet =
    scene.snippet.state === 'known'
      ? `the snippet ${scene.snippet.value.name} in the release’s values`
      : 'the template snippet in the release’s values';
  const fix: Fix = {
    summary: `Put \`ssl verify required ca-file ${scene.bundle} crt ${scene.svid} sni str(NAME)\` last on the backend’s server lines: the last keyword wins.`,
    durable: conflicts.length > 0 ? `remove ${conflicts.map(({ key }) => key).join(', ')} from the Ingress` : snippet,
    impact: 'reload',
    manual: 'server lines are rendered by HAPTIC; change what renders them',
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
