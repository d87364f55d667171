import type { KubeObject, Store } from '../../seams.ts';
import { identityOf, numberAt, objectAt, textsAt } from '../fields.ts';
import { contentHash } from '../names.ts';
import { controlledBy, ownedByThis } from '../ownership.ts';

const MANAGER = { manager: 'kube-controller-manager' } as const;

/**
 * Keeps a ControllerRevision for every template that a DaemonSet has had, the present one with the highest number:
 * `kubectl rollout undo` takes the one before.
 */
export function keepRevision(store: Store, set: KubeObject): void {
  const { namespace, name } = identityOf(set);
  const template = objectAt(set, 'spec', 'template');
  const hash = contentHash(template);
  const revisions = controlledBy(store, set, 'ControllerRevision');
  const newest = Math.max(0, ...revisions.map((revision) => numberAt(revision, 'revision') ?? 0));
  const present = revisions.find((revision) => identityOf(revision).name === `${name}-${hash}`);
  if (present !== undefined) {
    if (numberAt(present, 'revision') !== newest) store.update({ ...present, revision: newest + 1 }, MANAGER);
    return;
  }
  store.create(
    {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...textsAt(template, 'metadata', 'labels'), 'controller-revision-hash': hash },
        ownerReferences: [ownedByThis(set)],
      },
      data: { spec: { template: { ...template, $patch: 'replace' } } },
      revision: newest + 1,
    },
    MANAGER,
  );
}
