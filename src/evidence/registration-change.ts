import type { PassedOver, Registration } from './facts/registration.ts';
import type { Json, JsonObject } from './json.ts';
import type { PodView } from './pod-view.ts';
import type { ObjectRef } from './reading.ts';

/** A kubectl call as words, and what it reads. */
interface Words {
  readonly namespace?: string;
  readonly args: readonly string[];
  readonly stdin?: { readonly document: JsonObject };
}

/** A change that gives pods an identity, and what has to be true for it to be right. */
export interface RegistrationChange {
  readonly summary: string;
  readonly commands: readonly Words[];
  readonly preconditions: readonly string[];
  readonly undo: string;
}

/** The template of the SPIRE chart's own default object. */
const USUAL_ID = 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}';

/** Fields that templates are often written with, and where they really are (template data of the controller-manager). */
const MISPLACED: readonly (readonly [RegExp, string])[] = [
  [/\.PodMeta\.ServiceAccountName\b/g, '.PodSpec.ServiceAccountName'],
  [/\.PodMeta\.NodeName\b/g, '.PodSpec.NodeName'],
  [/\.PodSpec\.(Namespace|Name|Labels)\b/g, '.PodMeta.$1'],
];

/** Labels that change with every release or every pod. */
const PASSING_LABEL =
  /^(?:pod-template-hash|controller-revision-hash|pod-template-generation|app\.kubernetes\.io\/version|helm\.sh\/chart|(?:statefulset|apps|batch)\.kubernetes\.io\/.*)$/;

/** What an own ClusterSPIFFEID says beside whom it selects. */
export interface OwnObject {
  /** Of the object that it takes the place of; the chart's usual one when there is none. */
  readonly spiffeIdTemplate?: string;
  /** The hint that the workload asks for. */
  readonly hint?: string;
  /** Names beside those of the pods' Services; these come with `autoPopulateDNSNames`. */
  readonly dnsNames?: readonly string[];
  readonly autoPopulateDnsNames?: boolean;
}

/**
 * A ClusterSPIFFEID for exactly the pods of one workload. Undefined when nothing watches any class that was seen, or the
 * pods have no labels by which they could be told from others.
 */
export function registerPods(
  pod: PodView,
  { watchedClasses, passedOver }: Pick<Registration, 'watchedClasses' | 'passedOver'>,
  { spiffeIdTemplate = USUAL_ID, hint, dnsNames = [], autoPopulateDnsNames = false }: OwnObject = {},
): RegistrationChange | undefined {
  const [className] = watchedClasses;
  const labels = Object.entries(pod.labels).filter(([key]) => !PASSING_LABEL.test(key));
  const namespace = pod.ref.namespace ?? '';
  if (className === undefined || labels.length === 0 || namespace === '') return undefined;
  const usual = `${namespace}-${pod.workload.name}`;
  const taken = passedOver.some(({ clusterSpiffeId }) => clusterSpiffeId.name === usual);
  const name = taken ? `${usual}-svid` : usual;
  const document = {
    apiVersion: 'spire.spiffe.io/v1alpha1',
    kind: 'ClusterSPIFFEID',
    metadata: { name },
    spec: {
      ...(className === '' ? {} : { className }),
      spiffeIDTemplate: spiffeIdTemplate,
      ...(hint === undefined ? {} : { hint }),
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector: { matchLabels: Object.fromEntries(labels) },
      ...(autoPopulateDnsNames ? { autoPopulateDNSNames: true } : {}),
      ...(dnsNames.length > 0 ? { dnsNameTemplates: [...dnsNames] } : {}),
    },
  };
  const several =
    watchedClasses.length > 1
      ? [`className ${className} belongs to the SPIRE that serves these pods; ${watchedClasses.join(', ')} are watched`]
      : [];
  return {
    summary: `Register the pods of ${pod.workload.name} with a ClusterSPIFFEID of their own, which selects no others.`,
    commands: [{ args: ['apply', '-f', '-'], stdin: { document } }],
    preconditions: [
      spiffeIdTemplate === USUAL_ID
        ? `these pods are meant to have the identity .../ns/${namespace}/sa/${pod.serviceAccount} of their service account`
        : `these pods are meant to have the identity ${spiffeIdTemplate}`,
      ...several,
    ],
    undo: `delete ClusterSPIFFEID ${name}`,
  };
}

/** The change that lets a pod be registered; undefined when no object of any kind would be reconciled for it. */
export function registrationChange(
  closest: PassedOver,
  pod: PodView,
  registration: Pick<Registration, 'watchedClasses' | 'passedOver'>,
  own: OwnObject = {},
): RegistrationChange | undefined {
  const { because, closeness } = closest;
  // An object of their own would not be reconciled either.
  if (because === 'no-status' || because === 'namespace-ignored') return undefined;
  // Below this the selectors of an object would leave the pod out even with the right class.
  const selects = closeness > 0.5;
  const change =
    because === 'render-failure'
      ? changeTemplate(closest)
      : because === 'class-not-watched' && selects
        ? changeClass(closest, registration.watchedClasses)
        : undefined;
  return change ?? registerPods(pod, registration, own);
}

/** The class that a controller watches, for an object that would select the pod otherwise. */
function changeClass(
  { clusterSpiffeId }: PassedOver,
  watchedClasses: readonly string[],
): RegistrationChange | undefined {
  const [className] = watchedClasses;
  if (className === undefined) return undefined;
  return {
    summary: `Give ClusterSPIFFEID ${clusterSpiffeId.name} the class that the controller watches.`,
    commands: [mergeInto(clusterSpiffeId, { className: className === '' ? null : className })],
    preconditions: ['every pod that the object selects gets an identity by this: look at its selectors first'],
    undo: 'set spec.className back to what it was',
  };
}

/** A template that renders: with the fields where they are, or the usual one when it is broken otherwise. */
function changeTemplate({ clusterSpiffeId, template = '' }: PassedOver): RegistrationChange {
  let mended = template;
  for (const [wrong, right] of MISPLACED) mended = mended.replace(wrong, right);
  // A trust domain that is written out can only be the controller's own, or wrong.
  mended = mended.replace(/^spiffe:\/\/[^/{}]+\//, 'spiffe://{{ .TrustDomain }}/');
  const spiffeIDTemplate = mended === template ? USUAL_ID : mended;
  return {
    summary: `Give ClusterSPIFFEID ${clusterSpiffeId.name} a spiffeIDTemplate that renders: ${spiffeIDTemplate}`,
    commands: [mergeInto(clusterSpiffeId, { spiffeIDTemplate })],
    preconditions: ['the IDs that it makes are those that peers admit: every pod that the object selects gets one'],
    undo: 'set spec.spiffeIDTemplate back to what it was',
  };
}

/** A merge patch of a ClusterSPIFFEID's spec; null takes a field away. */
export function mergeInto({ name }: ObjectRef, spec: Readonly<Record<string, Json>>): Words {
  return { args: ['patch', 'clusterspiffeid', name, '--type', 'merge', '--patch', JSON.stringify({ spec })] };
}
