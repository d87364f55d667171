import { discover } from '../evidence/discovery.ts';
import { annotatedIngresses, type Installation } from '../evidence/facts/installation.ts';
import { podOf } from '../evidence/facts/pod.ts';
import { dig, listAt, objectAt } from '../evidence/json.ts';
import { matchesSelectorText } from '../evidence/label-selector.ts';
import { isSkip, type Unknown } from '../evidence/reading.ts';
import { type Subject, sameRef, subjectKey } from '../evidence/subject.ts';
import type { World } from '../evidence/world.ts';
import { CannotRun } from './cannot-run.ts';
import type { Outcome } from './examine.ts';

/** Narrows a run to some installations and pods; absent members do not narrow. */
export interface SubjectFilter {
  readonly namespace?: string;
  readonly release?: string;
  readonly pods?: readonly string[];
  /** A label selector as kubectl takes it: `a=b,c!=d,e in (f,g),h,!i`. */
  readonly selector?: string;
}

/** Everything to look at, in a stable order. Throws `CannotRun` for a release or pod that is not there. */
export function chooseSubjects(world: World, filter: SubjectFilter): readonly Subject[] {
  const { subjects } = discover(world);
  const inScope = withIngresses(world, subjects).filter((subject) => ofInstallation(world, subject, filter));
  if (filter.release !== undefined && subjects.length > 0 && inScope.length === 0) {
    const known = [
      ...new Set(discover(world).installations.map(({ namespace, release }) => `${namespace}/${release}`)),
    ];
    const elsewhere =
      world.list('Deployment', filter.namespace).rest === undefined ? '' : ', as far as could be listed';
    throw new CannotRun(
      `no HAPTIC release is called '${filter.release}'${filter.namespace ? ` in namespace ${filter.namespace}` : ''}; found${elsewhere}: ${known.join(', ')}`,
    );
  }
  const chosen = inScope.filter((subject) => wanted(world, subject, filter));
  for (const name of filter.pods ?? []) {
    if (subjects.length === 0 || chosen.some(({ type, ref }) => type.endsWith('-pod') && ref.name === name)) continue;
    // Whoever may not list pods cannot know that this one is not there.
    if (podsUnseen(world, inScope)) continue;
    const pods = inScope.filter(({ type }) => type === 'haproxy-pod').map(({ ref }) => ref.name);
    throw new CannotRun(`no HAProxy or controller pod is called '${name}'; found: ${pods.join(', ') || 'none'}`);
  }
  return chosen.toSorted((a, b) => (subjectKey(a) < subjectKey(b) ? -1 : 1));
}

/** Why there may be pods of these subjects' releases beyond those that were seen; undefined when there are none. */
export function podsUnseen(world: World, subjects: readonly Subject[]): Unknown | undefined {
  const namespaces = new Set(subjects.flatMap(({ installation, ref }) => (installation ?? ref).namespace ?? []));
  return [...namespaces]
    .map((namespace) => world.list('Pod', namespace).rest)
    .find((rest) => rest !== undefined && !isSkip(rest.why));
}

/** Why nothing can be said about a subject by any check; undefined when something can. */
export function excuseOf(world: World, subject: Subject): Outcome | undefined {
  const installation = discover(world).installations.find(
    ({ ref }) => subject.installation !== undefined && sameRef(ref, subject.installation),
  );
  if (installation && installation.intent.length === 0) {
    const ignorance = intentUnseen(world, installation);
    if (ignorance) return { state: 'unknown', ignorance, unseen: [] };
    return {
      state: 'skipped',
      why: 'no-mtls-intent',
      detail: `nothing shows that release ${installation.release} is meant to use SPIFFE identities`,
    };
  }
  if (subject.node !== undefined && isNotReady(world, subject.node)) {
    return {
      state: 'skipped',
      why: 'node-not-ready',
      detail: `node ${subject.node} is not ready, so what is known of its pods is old`,
    };
  }
  return undefined;
}

/** Why it cannot be said that a release is not meant to use SPIFFE identities; undefined when it can. */
export function intentUnseen(world: World, { namespace }: Installation): Unknown | undefined {
  const { rest } = world.list('HAProxyTemplateConfig', namespace);
  return rest === undefined || rest.why === 'not-in-files' ? undefined : rest;
}

/** Ingresses that could not be listed may ask for mTLS all the same: said once an installation. */
export function ingressesUnseen(
  world: World,
  subjects: readonly Subject[],
): readonly { readonly subject: Subject; readonly outcome: Outcome }[] {
  return subjects.flatMap((subject) => {
    if (subject.type !== 'installation' || world.fromFiles) return [];
    const ignorance = annotatedIngresses.read(world, subject);
    if (ignorance.state !== 'unknown' || ignorance.why === 'no-evidence') return [];
    return [{ subject, outcome: excuseOf(world, subject) ?? { state: 'unknown', ignorance, unseen: [] } }];
  });
}

function withIngresses(world: World, subjects: readonly Subject[]): readonly Subject[] {
  const ingresses: Subject[] = [];
  for (const subject of subjects.filter(({ type }) => type === 'installation')) {
    const reading = annotatedIngresses.read(world, subject);
    if (reading.state !== 'known') continue;
    for (const { ref } of reading.value) {
      if (ingresses.some((other) => sameRef(other.ref, ref))) continue;
      ingresses.push({ type: 'ingress', ref, ...(subject.installation ? { installation: subject.installation } : {}) });
    }
  }
  return [...subjects, ...ingresses];
}

function ofInstallation(world: World, subject: Subject, { namespace, release }: SubjectFilter): boolean {
  const installation = discover(world).installations.find(
    ({ ref }) => subject.installation !== undefined && sameRef(ref, subject.installation),
  );
  if (!installation) return false;
  if (namespace !== undefined && installation.namespace !== namespace) return false;
  return release === undefined || installation.release === release;
}

function wanted(world: World, subject: Subject, { pods, selector }: SubjectFilter): boolean {
  if (subject.type === 'ingress' || subject.type === 'installation') return true;
  const named = pods === undefined || pods.length === 0 || pods.includes(subject.ref.name);
  // A controller is no HAProxy pod: choosing among HAProxy pods leaves it in, since they depend on it.
  if (subject.type === 'controller-pod' && !(pods ?? []).includes(subject.ref.name)) return true;
  if (!named || selector === undefined) return named;
  const pod = podOf(world, subject);
  return pod.state === 'known' && matchesSelectorText(selector, pod.value.labels);
}

function isNotReady(world: World, node: string): boolean {
  const reading = world.object('Node', undefined, node);
  if (reading.state !== 'known') return false;
  const conditions = listAt(dig(reading.value.object, 'status', 'conditions')).map(objectAt);
  return conditions.some(({ type, status }) => type === 'Ready' && status !== 'True');
}
