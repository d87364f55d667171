import type { EffectiveEntry, PassedOver, Registration } from '../facts/registration.ts';
import { dig, flagAt, listAt, numberAt, objectAt, textAt } from '../json.ts';
import type { PodView } from '../pod-view.ts';
import { known, type Reading } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { timeAt } from '../view-pod.ts';
import { refOf, type World } from '../world.ts';
import { parseSpiffeId } from '../x509/spiffe-id.ts';
import { type ControllerManager, settingsUnseen, watchedClasses, watching } from './controller-manager.ts';
import { controllerWorkload } from './controller-workload.ts';
import { autoDnsNames, unseenNames } from './dns-names.ts';
import { type Rendered, renderTemplate, type TemplateData } from './go-template.ts';
import { selectionOf } from './selection.ts';
import { unmetSelector } from './workload-selectors.ts';

interface Candidate {
  readonly collected: CollectedObject;
  readonly manager?: ControllerManager;
  readonly rendered: Rendered;
  readonly fallback: boolean;
  readonly createdAt: number;
  /** What makes two entries one: SPIFFE ID and selectors. */
  readonly identity: string;
}

type Considered =
  | { readonly state: 'counts'; readonly candidate: Candidate }
  | { readonly state: 'passed-over'; readonly passedOver: PassedOver };

/**
 * What all ClusterSPIFFEIDs together make of a pod, following spire-controller-manager's reconciler: class, namespace,
 * pod, template; then fallbacks give way to others, and of entries that are alike the oldest object's wins.
 */
export function registrationOf(world: World, pod: PodView): Reading<Registration> {
  const listed = world.list('ClusterSPIFFEID');
  if (listed.rest) return listed.rest;
  const considered = listed.items.map((collected) => consider(world, pod, collected));
  const passedOver = considered.flatMap((one) => (one.state === 'passed-over' ? [one.passedOver] : []));
  let candidates = considered.flatMap((one) => (one.state === 'counts' ? [one.candidate] : []));
  const proper = candidates.filter(({ fallback }) => !fallback);
  if (proper.length > 0) {
    for (const { collected } of candidates.filter(({ fallback }) => fallback)) {
      passedOver.push({
        clusterSpiffeId: refOf(collected.object),
        because: 'fallback-not-needed',
        detail: 'it is a fallback, and another object registers the pod',
        closeness: 1,
      });
    }
    candidates = proper;
  }
  const effective: EffectiveEntry[] = [];
  for (const candidate of candidates.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const older = candidates.find(
      (other) => other !== candidate && other.identity === candidate.identity && isOlder(other, candidate),
    );
    if (older) {
      const detail = `${refOf(older.collected.object).name} is older and makes the same entry, so this one's settings are not used`;
      passedOver.push({ clusterSpiffeId: refOf(candidate.collected.object), because: 'masked', detail, closeness: 1 });
      continue;
    }
    const { collected, manager } = candidate;
    const unmet = unmetSelector(collected.object, pod, templateData(pod, manager));
    if (unmet === undefined) effective.push(entryOf(world, pod, candidate));
    else {
      const clusterSpiffeId = refOf(collected.object);
      passedOver.push({ clusterSpiffeId, because: 'workload-selector', detail: unmet, closeness: 0.95 });
    }
  }
  const unseen = settingsUnseen(world);
  return known(
    {
      effective,
      passedOver,
      manualEntriesPossible: listed.items.length === 0,
      watchedClasses: watchedClasses(world),
      ...(unseen ? { settingsUnseen: unseen } : {}),
      ...controllerIn(world),
    },
    { field: 'ClusterSPIFFEIDs' },
  );
}

function isOlder(a: Candidate, b: Candidate): boolean {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt;
  return refOf(a.collected.object).name < refOf(b.collected.object).name;
}

function consider(world: World, pod: PodView, collected: CollectedObject): Considered {
  const { object } = collected;
  const spec = objectAt(object.spec);
  const template = textAt(spec.spiffeIDTemplate) ?? '';
  const passed = (because: PassedOver['because'], detail: string, closeness: number): Considered => ({
    state: 'passed-over',
    passedOver: {
      clusterSpiffeId: refOf(object),
      because,
      detail,
      closeness,
      ...(because === 'render-failure' ? { template } : {}),
    },
  });
  const className = textAt(spec.className) ?? '';
  const watch = watching(world, className);
  const reconciled = dig(object, 'status', 'stats') !== undefined;
  const unselected = selectionOf(world, pod, spec, watch.state === 'watched' ? watch.by : undefined);
  // An object that has a status is reconciled, whatever the configuration seems to say.
  if (watch.state === 'not-watched' && !reconciled) {
    const classes = watch.watched.map((name) => `'${name}'`).join(', ');
    return passed(
      'class-not-watched',
      `${className === '' ? 'it has no className' : `its className is '${className}'`}, and the controller watches ${classes}`,
      unselected ? 0.1 : 0.75,
    );
  }
  if (unselected) return passed(unselected.because, unselected.detail, unselected.closeness);
  if (!world.fromFiles && !reconciled) {
    const young = (timeAt(dig(object, 'metadata', 'creationTimestamp')) ?? 0) > world.now - 60_000;
    return young
      ? passed('cannot-tell', 'it was created less than a minute ago', 0.9)
      : passed('no-status', 'it has no status: no controller has ever reconciled it', 0.8);
  }
  const manager = watch.state === 'watched' ? watch.by : undefined;
  const rendered = checkedId(renderTemplate(template, templateData(pod, manager)), manager?.trustDomain);
  if (rendered.state === 'fails')
    return passed('render-failure', `its spiffeIDTemplate fails: ${rendered.because}`, 0.9);
  const selectors = listAt(spec.workloadSelectorTemplates).join(' ');
  const identity = `${className} ${rendered.state === 'text' ? rendered.text : template} ${selectors}`;
  return {
    state: 'counts',
    candidate: {
      collected,
      ...(manager ? { manager } : {}),
      rendered,
      fallback: flagAt(spec.fallback) ?? false,
      createdAt: timeAt(dig(object, 'metadata', 'creationTimestamp')) ?? 0,
      identity,
    },
  };
}

/** The controller refuses what is no SPIFFE ID, or one of another trust domain, as it refuses what does not render. */
function checkedId(rendered: Rendered, trustDomain: string | undefined): Rendered {
  if (rendered.state !== 'text') return rendered;
  const id = parseSpiffeId(rendered.text);
  const makes = `it makes ${JSON.stringify(rendered.text)}`;
  if (!id.ok) return { state: 'fails', because: `${makes}, and ${id.because}` };
  if (trustDomain === undefined || id.trustDomain === trustDomain) return rendered;
  return { state: 'fails', because: `${makes}, and the controller's trust domain is ${trustDomain}` };
}

function entryOf(world: World, pod: PodView, { collected, manager, rendered }: Candidate): EffectiveEntry {
  const spec = objectAt(collected.object.spec);
  const auto = flagAt(spec.autoPopulateDNSNames) ?? false;
  const templated = listAt(spec.dnsNameTemplates).map((template) =>
    renderTemplate(textAt(template) ?? '', templateData(pod, manager)),
  );
  const blind = templated.find((one) => one.state === 'unseen');
  const automatic = auto ? autoDnsNames(world, pod, manager?.clusterDomain) : known<readonly string[]>([], {});
  const fixed = templated.flatMap((one) => (one.state === 'text' ? [one.text] : []));
  const dnsNames: Reading<readonly string[]> =
    automatic.state !== 'known'
      ? automatic
      : blind?.state === 'unseen'
        ? unseenNames(`dnsNameTemplates use ${blind.uses}`)
        : known([...new Set([...fixed, ...automatic.value])], automatic.from);
  const hint = textAt(spec.hint);
  const ttl = durationSeconds(textAt(spec.ttl));
  const failures = numberAt(dig(collected.object, 'status', 'stats', 'entryFailures')) ?? 0;
  return {
    clusterSpiffeId: refOf(collected.object),
    ...(rendered.state === 'text' ? { spiffeId: rendered.text } : {}),
    ...(hint ? { hint } : {}),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    dnsNames,
    autoPopulateDnsNames: auto,
    spiffeIdTemplate: textAt(spec.spiffeIDTemplate) ?? '',
    dnsNameTemplates: textsIn(spec.dnsNameTemplates),
    federatesWith: textsIn(spec.federatesWith),
    downstream: flagAt(spec.downstream) ?? false,
    fallback: flagAt(spec.fallback) ?? false,
    selectsPods: Object.keys(objectAt(spec.podSelector)).length > 0,
    entryFailures: failures,
  };
}

function textsIn(list: unknown): readonly string[] {
  return listAt(list).flatMap((item) => (typeof item === 'string' ? [item] : []));
}

function controllerIn(world: World): Pick<Registration, 'controller'> {
  const controller = controllerWorkload(world);
  return controller === undefined ? {} : { controller };
}

function templateData(pod: PodView, manager: ControllerManager | undefined): TemplateData {
  return {
    trustDomain: manager?.trustDomain,
    clusterName: manager?.clusterName,
    clusterDomain: manager?.clusterDomain,
    podName: pod.from === 'pod' ? pod.ref.name : undefined,
    namespace: pod.ref.namespace ?? '',
    podUid: pod.uid,
    labels: pod.labels,
    annotations: pod.annotations,
    serviceAccount: pod.serviceAccount,
    node: pod.node,
  };
}

/** Go's duration text (`1h30m`, `90s`) in seconds; undefined for anything else. */
export function durationSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:h|m|s))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
}
