import { readFileSync } from 'node:fs';
import { parseAllDocuments, stringify } from 'yaml';
import type { JsonObject } from '../../src/evidence/json.ts';
import type { CollectedLog, CollectedProbe, NotCollected, Snapshot } from '../../src/evidence/snapshot.ts';
import { assembleSnapshot } from './assemble.ts';
import type { CaseFile, Change, PlaceholderKind } from './case-file.ts';
import { liveObjects, renderedConfig, withStatus } from './cluster.ts';
import { type EditableObject, readField } from './field-edit.ts';
import { placeholderData } from './identities.ts';
import { logsOf } from './logs.ts';
import { iso, moment } from './moments.ts';
import { editObjects, refuseUnused } from './object-edits.ts';
import { probeAnswers } from './pod-state.ts';
import { isRefused, refusals } from './refusals.ts';
import { setStatus } from './status-edits.ts';

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

let recorded: readonly EditableObject[] | undefined;

/** The files of the base, read once a process: every case edits a copy. */
function recordedObjects(): readonly EditableObject[] {
  recorded ??= ['haptic', 'spire', 'app'].flatMap((name) => {
    const text = readFileSync(new URL(`./base/${name}.yaml`, import.meta.url), 'utf8');
    return parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as EditableObject);
  });
  return recorded;
}

export async function baseObjects(kind?: PlaceholderKind): Promise<EditableObject[]> {
  const objects = structuredClone([...recordedObjects()]);
  const placeholder = objects.find((object) => readField(object, 'metadata.name') === 'haptic-spiffe-validation-certs');
  if (placeholder) placeholder.data = await placeholderData(kind);
  return objects;
}

/** All declared objects as one multi-document text, as `helm template` would print it. */
export function toManifest(objects: readonly JsonObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}
