import { CannotRun } from '../../doctor/cannot-run.ts';
import { redactObjects } from '../../evidence/redact/index.ts';
import { API_VERSION, type CollectedObject, type Snapshot } from '../../evidence/snapshot.ts';
import { refKey } from '../../evidence/subject.ts';
import { refOf } from '../../evidence/world.ts';
import { decodeManifest } from './decode.ts';
import { type ManifestsIo, readFiles } from './io.ts';
import { withNamespaces } from './namespaces.ts';

export interface ManifestsRequest {
  /** What `-f` names: files, folders, `-` for standard input. */
  readonly files: readonly string[];
  /** Whether folders inside folders are read. */
  readonly recursive: boolean;
  /** The user says that nothing else is applied. */
  readonly complete: boolean;
  /** Namespace of objects that name none. */
  readonly namespace?: string;
  /** The moment that counts as now when these files are judged, epoch milliseconds. */
  readonly now: number;
  readonly tool: Snapshot['tool'];
}

/** Reads manifests as a snapshot. Throws `CannotRun` with one line that names the file, the place and what to do. */
export async function readManifests(request: ManifestsRequest, io: ManifestsIo): Promise<Snapshot> {
  const files = await readFiles(request.files, request.recursive, io);
  const { parseManifest } = await import('./parse-manifest.ts');
  const at = new Date(request.now).toISOString();
  const parsed = files.flatMap((file) => {
    const text = decodeManifest(file);
    return text === undefined ? [] : parseManifest(file.name, text).map((object) => ({ ...object, file: file.name }));
  });
  if (parsed.length === 0) throw new CannotRun(`${request.files.join(', ')}: no Kubernetes object in it`);
  const objects = withNamespaces(parsed, request.namespace).map(
    ({ object, lines }, index): CollectedObject => ({ object, at, file: parsed[index]?.file ?? '', lines }),
  );
  const reduced = redactObjects(lastOfEach(objects));
  return {
    apiVersion: API_VERSION,
    kind: 'Snapshot',
    tool: request.tool,
    observedAt: at,
    source: { kind: 'manifests', files: request.files, complete: request.complete },
    objects: reduced.objects,
    coverage: [],
    logs: [],
    probes: [],
    notCollected: [],
    redactions: reduced.redactions,
    requests: { list: 0, exec: 0, log: 0, other: 0 },
    notes: [],
  };
}

/** An object that is applied twice is in the end what was applied last. */
function lastOfEach(objects: readonly CollectedObject[]): readonly CollectedObject[] {
  return [...new Map(objects.map((collected) => [refKey(refOf(collected.object)), collected])).values()];
}
