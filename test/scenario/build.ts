import { readFileSync } from 'node:fs';
import { parseAllDocuments, stringify } from 'yaml';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { CollectedLog, CollectedProbe, NotCollected, Snapshot } from '../../src/evidence/snapshot.ts';
import { assembleSnapshot } from './assemble.ts';
import type { CaseFile, Change, PlaceholderKind, StatusChange } from './case-file.ts';
import { liveObjects, renderedConfig, withStatus } from './cluster.ts';
import { type EditableObject, readField, writeField } from './field-edit.ts';
import { HAPROXY_ID, mintPlaceholder } from './identities.ts';
import { iso, moment } from './moments.ts';
import { probeAnswers } from './pod-state.ts';

/** Everything a scenario consists of before the redaction gate; secrets included. */
export interface Scenario {
  readonly objects: readonly EditableObject[];
  readonly logs: readonly CollectedLog[];
  readonly probes: readonly CollectedProbe[];
  readonly notCollected: readonly NotCollected[];
}

/** The healthy base with a case's changes, as the source that the case names would have recorded it. */
export async function buildCase(file: Pick<CaseFile, 'source' | 'complete' | 'change'>): Promise<Snapshot> {
  const scenario = await buildScenario(file.source, file.change);
  return assembleSnapshot(scenario, file);
}

export async function buildScenario(source: 'live' | 'files', changes: readonly Change[]): Promise<Scenario> {
  const used = new Set<Change>();
  const placeholder = changes.find((change) => 'placeholder' in change)?.placeholder;
  const applied = editObjects(await baseObjects(placeholder), changes, used);
  if (source === 'files') {
    refuseUnused(changes, used, (change) => 'object' in change || 'remove' in change || 'add' in change);
    return { objects: applied, logs: [], probes: [], notCollected: refusals(changes) };
  }
  const derived = editObjects(
    [...liveObjects(applied), renderedConfig()],
    changes.filter((change) => !('add' in change)),
    used,
  );
  const objects = [...applied.map(withStatus), ...derived];
  for (const change of changes) {
    if ('status' in change) setStatus(objects, change.status, () => used.add(change));
  }
  refuseUnused(changes, used, (change) => 'object' in change || 'remove' in change || 'status' in change);
  const notCollected = refusals(changes);
  const haproxyPods = objects.filter(
    ({ kind, metadata }) => kind === 'Pod' && /^haptic-haproxy-/.test(String((metadata as EditableObject).name)),
  );
  const probes: CollectedProbe[] = [];
  for (const pod of haproxyPods) {
    const name = String(readField(pod, 'metadata.name'));
    if (notCollected.some(({ target }) => target.what === 'probe' && target.pod === name)) continue;
    const answers = await probeAnswers(name, changes);
    probes.push({
      namespace: 'haptic',
      pod: name,
      container: 'haproxy',
      at: iso(moment('0s')),
      answers,
      complete: true,
    });
  }
  return {
    objects: objects.filter((object) => !isRefused(object, notCollected)),
    logs: logsOf(objects, changes, notCollected),
    probes,
    notCollected,
  };
}

export async function baseObjects(kind?: PlaceholderKind): Promise<EditableObject[]> {
  const objects = ['haptic', 'spire', 'app'].flatMap((name) => {
    const text = readFileSync(new URL(`./base/${name}.yaml`, import.meta.url), 'utf8');
    return parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as EditableObject);
  });
  const placeholder = objects.find((object) => readField(object, 'metadata.name') === 'haptic-spiffe-validation-certs');
  if (placeholder) placeholder.data = await mintPlaceholder(kind);
  return structuredClone(objects);
}

/** All declared objects as one multi-document text, as `helm template` would print it. */
export function toManifest(objects: readonly JsonObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

function editObjects(objects: EditableObject[], changes: readonly Change[], used: Set<Change>): EditableObject[] {
  let edited = objects;
  for (const change of changes) {
    if ('add' in change) edited = [...edited, structuredClone(change.add)];
    else if ('remove' in change) {
      const rest = edited.filter((object) => describe(object) !== change.remove);
      if (rest.length < edited.length) used.add(change);
      edited = rest;
    } else if ('object' in change) {
      for (const object of edited.filter((candidate) => describe(candidate) === change.object)) {
        used.add(change);
        if ('set' in change) writeField(object, change.set.at, structuredClone(change.set.to));
        else {
          const before = readField(object, change.replace.at);
          if (typeof before !== 'string' || !before.includes(change.replace.from)) {
            throw new Error(
              `${change.object} ${change.replace.at} does not contain ${JSON.stringify(change.replace.from)}`,
            );
          }
          writeField(
            object,
            change.replace.at,
            before.replace(change.replace.from, () => change.replace.to),
          );
        }
      }
    }
  }
  return edited;
}

/** `Deployment haptic/haptic-haproxy`, `CSIDriver csi.spiffe.io`. */
function describe(object: EditableObject): string {
  const namespace = readField(object, 'metadata.namespace');
  const name = String(readField(object, 'metadata.name'));
  return `${String(object.kind)} ${typeof namespace === 'string' ? `${namespace}/${name}` : name}`;
}

function refuseUnused(
  changes: readonly Change[],
  used: ReadonlySet<Change>,
  counts: (change: Change) => boolean,
): void {
  const idle = changes.find((change) => counts(change) && !('add' in change) && !used.has(change));
  if (idle) throw new Error(`this change changes nothing: ${JSON.stringify(idle)}`);
}

function setStatus(objects: readonly EditableObject[], change: StatusChange, touched: () => void): void {
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) {
    const name = String(readField(pod, 'metadata.name'));
    if (change.pod === undefined ? !/^haptic-haproxy-/.test(name) : name !== change.pod) continue;
    for (const key of ['initContainerStatuses', 'containerStatuses']) {
      const statuses = readField(pod, `status.${key}`);
      if (!Array.isArray(statuses)) continue;
      for (const status of statuses as EditableObject[]) {
        if (status.name !== change.container) continue;
        touched();
        const terminated = (end: NonNullable<StatusChange['terminated']>): EditableObject => ({
          terminated: {
            reason: end.reason,
            exitCode: end.exitCode,
            message: end.message ?? '',
            finishedAt: iso(moment(end.finished ?? '-30s')),
            startedAt: iso(moment('-119m')),
          },
        });
        if (change.waiting)
          status.state = { waiting: { reason: change.waiting.reason, message: change.waiting.message ?? '' } };
        if (change.waiting) status.imageID = '';
        if (change.running) status.state = { running: { startedAt: iso(moment(change.running)) } };
        if (change.terminated) status.state = terminated(change.terminated);
        if (change.last) status.lastState = terminated(change.last);
        if (change.restarts !== undefined) status.restartCount = change.restarts;
        if (change.waiting || change.terminated) {
          status.ready = false;
          writeField(pod, 'status.conditions', [
            { type: 'Ready', status: 'False', lastTransitionTime: iso(moment('-60m')) },
          ]);
        }
      }
    }
  }
}

function refusals(changes: readonly Change[]): NotCollected[] {
  return changes.flatMap((change): NotCollected[] => {
    if (!('refuse' in change)) return [];
    const {
      what,
      kind = '',
      namespace,
      name,
      pod,
      container = '',
      why,
      detail = 'refused by the case',
      rule,
    } = change.refuse;
    const rest = { why, detail, ...(rule ? { rule } : {}) };
    const pods = pod === undefined ? ['haptic-haproxy-0', 'haptic-haproxy-1'] : [pod];
    if (what === 'probe')
      return pods.map((one) => ({ target: { what, namespace: namespace ?? 'haptic', pod: one }, ...rest }));
    if (what === 'log') {
      return pods.flatMap((one) =>
        [false, true].map((previous) => ({
          target: { what, namespace: namespace ?? 'haptic', pod: one, container, previous },
          ...rest,
        })),
      );
    }
    return [
      {
        target: {
          what,
          kind,
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name }),
        },
        ...rest,
      },
    ];
  });
}

function isRefused(object: EditableObject, notCollected: readonly NotCollected[]): boolean {
  const { kind } = object;
  const namespace = readField(object, 'metadata.namespace');
  const name = readField(object, 'metadata.name');
  return notCollected.some(
    ({ target }) =>
      target.what === 'objects' &&
      target.kind === kind &&
      (target.namespace === undefined || target.namespace === namespace) &&
      (target.name === undefined || target.name === name),
  );
}

function logsOf(
  objects: readonly EditableObject[],
  changes: readonly Change[],
  notCollected: readonly NotCollected[],
): CollectedLog[] {
  const logs = new Map<string, CollectedLog>();
  const put = (namespace: string, pod: string, container: string, previous: boolean, lines: readonly string[]) => {
    const text = lines.map((line) => `${line}\n`).join('');
    logs.set(`${pod} ${container} ${previous}`, {
      namespace,
      pod,
      container,
      previous,
      at: iso(moment('0s')),
      text,
      truncated: false,
    });
  };
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) {
    const name = String(readField(pod, 'metadata.name'));
    const namespace = String(readField(pod, 'metadata.namespace'));
    for (const [container, lines] of healthyLogs(name)) put(namespace, name, container, false, lines.map(stamp));
  }
  for (const change of changes) {
    if (!('log' in change)) continue;
    const pods = change.log.pod === undefined ? ['haptic-haproxy-0', 'haptic-haproxy-1'] : [change.log.pod];
    const namespaceOf = (pod: string) =>
      String(
        readField(
          objects.find((object) => object.kind === 'Pod' && readField(object, 'metadata.name') === pod) ?? {},
          'metadata.namespace',
        ) ?? 'haptic',
      );
    for (const pod of pods)
      put(namespaceOf(pod), pod, change.log.container, change.log.previous ?? false, change.log.lines.map(stamp));
  }
  return [...logs.values()].filter(
    (log) =>
      !notCollected.some(
        ({ target }) =>
          target.what === 'log' &&
          target.pod === log.pod &&
          target.container === log.container &&
          target.previous === log.previous,
      ),
  );
}

/** `-60s text` as the API prints it with timestamps. */
function stamp(line: string): string {
  const [offset = '', ...words] = line.split(' ');
  return `${new Date(moment(offset)).toISOString()} ${words.join(' ')}`;
}

function healthyLogs(pod: string): readonly (readonly [string, readonly string[]])[] {
  const helper = (offset: string, message: string, more = '') =>
    `${offset} time="${iso(moment(offset))}" level=info msg="${message}"${more} system=spiffe-helper`;
  if (pod.startsWith('haptic-haproxy-')) {
    return [
      [
        'spiffe-helper',
        [
          helper('-119m', 'Using configuration file: \\"/etc/spiffe-helper/helper.conf\\"'),
          helper('-119m', 'Launching daemon'),
          helper('-119m', 'Watching for X509 Context'),
          helper('-119m', 'Received update', ` spiffe_id="${HAPROXY_ID}"`),
          helper('-119m', 'X.509 certificates updated'),
          helper('-20m', 'Received update', ` spiffe_id="${HAPROXY_ID}"`),
          helper('-20m', 'X.509 certificates updated'),
        ],
      ],
      [
        'cert-reloader',
        [
          '-20m Transaction created for certificate /etc/haproxy/spiffe/svid.pem!',
          '-20m transaction created for CA /etc/haproxy/spiffe/bundle.pem!',
        ],
      ],
    ];
  }
  if (pod.startsWith('haptic-controller-'))
    return [['controller', ['-30m level=INFO msg="Configuration validated successfully"']]];
  if (pod.startsWith('spire-agent-')) {
    const id = `spiffe_id="${HAPROXY_ID}"`;
    return [
      [
        'spire-agent',
        [`-20m time="${iso(moment('-20m'))}" level=info msg="Renewing X509-SVID" ${id} subsystem_name=manager`],
      ],
    ];
  }
  return [];
}
