import type { FactReader } from '../catalogue.ts';
import { discover, installationOf } from '../discovery.ts';
import { absent, chainReading, known, type ObjectRef, type Origin, type Reading, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { viewAnnotated } from '../snippet/find-ingresses.ts';
import { readSnippet } from '../snippet/read-snippet.ts';
import { isWatched } from '../snippet/watched.ts';
import { MTLS_ANNOTATION, snippetTemplates } from '../snippet-signs.ts';
import { refKey, type Subject } from '../subject.ts';
import { originOf, refOf, type World } from '../world.ts';

/** One HAPTIC release: what belongs together. */
export interface Installation {
  readonly ref: ObjectRef;
  readonly namespace: string;
  /** `app.kubernetes.io/instance`, or the name shared by its workloads. */
  readonly release: string;
  /** Deployments and DaemonSets that run HAProxy. */
  readonly haproxyWorkloads: readonly ObjectRef[];
  readonly controllerWorkloads: readonly ObjectRef[];
  /** Those of the controller's workloads that are scaled to nothing. */
  readonly pausedControllers: readonly ObjectRef[];
  readonly templateConfig?: ObjectRef;
  /** `0.1` for the Data Plane API, `0.2+` for the agent container; absent when neither was seen. */
  readonly generation?: '0.1' | '0.2+';
  /** What shows that mTLS by SPIFFE is wanted; empty: nothing does. */
  readonly intent: readonly Intent[];
}

export interface Intent {
  readonly sign: 'snippet' | 'ingress' | 'spiffe-helper' | 'csi-volume' | 'placeholder';
  readonly from: Origin;
}

/** The template snippet that turns the annotation into TLS keywords on server lines. */
export interface MtlsSnippet {
  readonly name: string;
  readonly templateConfig: ObjectRef;
  /** The whole text. */
  readonly template: string;
  /** Annotation keys it reads that are not another library's. */
  readonly annotation: string;
  readonly certificate?: string;
  readonly caFile?: string;
  /** Text of the `sni` expression with `<svc>` and `<ns>` for the service's name and namespace: `<svc>.<ns>.svc`. */
  readonly sni?: string;
  readonly verify?: 'none' | 'required';
  readonly origin: Origin;
}

/** An Ingress that asks for mTLS to its backends. */
export interface AnnotatedIngress {
  readonly ref: ObjectRef;
  readonly origin: Origin;
  /** Key of the annotation that asks for it. */
  readonly annotation: string;
  /** Value of the annotation as written. */
  readonly value: string;
  readonly className?: string;
  /** Services it routes to, each once. */
  readonly services: readonly { readonly namespace: string; readonly name: string; readonly port: string }[];
  /** Other annotations that decide about TLS to the backend. */
  readonly conflicts: readonly { readonly key: string; readonly value: string }[];
}

/** The snippet that a release renders for its mTLS annotation; absent when none of its snippets does. */
export const snippet: FactReader<MtlsSnippet> = {
  gather: ['pods', 'haptic-config'],
  read: (world, subject) =>
    world.memo(`snippet ${keyOf(subject)}`, () => chainReading(templateConfigOf(world, subject), findSnippet)),
};

/**
 * The Ingresses that ask a release for mTLS: those with the annotation that it watches, and those that no release
 * watches, which are meant for some. Empty when there is none.
 */
export const annotatedIngresses: FactReader<readonly AnnotatedIngress[]> = {
  gather: ['pods', 'haptic-config', 'ingresses'],
  read: (world, subject) => world.memo(`annotated ingresses ${keyOf(subject)}`, () => findAnnotated(world, subject)),
};

/** Whether HAPTIC watches the Ingress: its class against `watchedResources.ingresses`. */
export const watched: FactReader<boolean> = {
  gather: ['pods', 'haptic-config', 'ingresses'],
  read: (world, subject) =>
    chainReading(templateConfigOf(world, subject), (config) =>
      chainReading(world.object('Ingress', subject.ref.namespace, subject.ref.name), (ingress) =>
        isWatched(world, config, ingress),
      ),
    ),
};

function templateConfigOf(world: World, subject: Subject): Reading<CollectedObject> {
  return chainReading(installationOf(world, subject), ({ templateConfig, namespace }, from) => {
    if (templateConfig) return world.object('HAProxyTemplateConfig', templateConfig.namespace, templateConfig.name);
    const { items, rest } = world.list('HAProxyTemplateConfig', namespace);
    if (rest) return rest;
    if (items.length === 0) return absent('object', `a HAProxyTemplateConfig in namespace ${namespace}`, from);
    return unknown(
      'no-evidence',
      `which of ${items.length} HAProxyTemplateConfigs in namespace ${namespace} the release uses`,
    );
  });
}

function findSnippet(config: CollectedObject): Reading<MtlsSnippet> {
  const misnamed: string[] = [];
  for (const { name, template, field } of snippetTemplates(config.object)) {
    const reading = readSnippet(template);
    if (!reading) continue;
    // Only snippets of this name are rendered into backends.
    if (name.startsWith('backend-directives-')) {
      const origin = originOf(config, field);
      return known({ name, templateConfig: refOf(config.object), template, ...reading, origin }, origin);
    }
    misnamed.push(name);
  }
  const [wrong] = misnamed;
  const what =
    wrong === undefined
      ? 'a snippet that adds a client certificate to servers'
      : `a snippet named backend-directives-…; '${wrong}' is never rendered`;
  return absent('key', what, originOf(config, 'spec.templateSnippets'));
}

function findAnnotated(world: World, subject: Subject): Reading<readonly AnnotatedIngress[]> {
  const annotation = annotationOf(world, snippet.read(world, subject));
  const { items, rest } = world.list('Ingress');
  const mine = items.flatMap((ingress) => {
    const view = viewAnnotated(ingress, annotation);
    return view && isMeantFor(world, subject, ingress) ? [view] : [];
  });
  // What was not seen may hold more; that matters only to those who would conclude from emptiness.
  if (rest && mine.length === 0) return rest;
  return known(mine, { field: `Ingresses with ${annotation}` });
}

function annotationOf(world: World, reading: Reading<MtlsSnippet>): string {
  return world.settings.annotation ?? (reading.state === 'known' ? reading.value.annotation : MTLS_ANNOTATION);
}

function isMeantFor(world: World, subject: Subject, ingress: CollectedObject): boolean {
  const { installations } = discover(world);
  const watchers = installations.filter((installation) => watches(world, installation.ref, ingress));
  if (watchers.length > 0) return watchers.some(({ ref }) => refKey(ref) === keyOf(subject));
  const serving = installations.filter(({ intent }) => intent.some(({ sign }) => sign === 'snippet'));
  const candidates = serving.length > 0 ? serving : installations;
  return candidates.some(({ ref }) => refKey(ref) === keyOf(subject));
}

function watches(world: World, installation: ObjectRef, ingress: CollectedObject): boolean {
  const config = templateConfigOf(world, { type: 'installation', ref: installation, installation });
  if (config.state !== 'known') return false;
  const reading = isWatched(world, config.value, ingress);
  return reading.state === 'known' && reading.value;
}

function keyOf(subject: Subject): string {
  return subject.installation ? refKey(subject.installation) : '';
}
