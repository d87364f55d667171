import { type EditableObject, readField, writeField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { type FixtureOptions, type SpireFixture, spireFixture } from './fixture.ts';

const TEMPLATE = 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}';

/** What the test at hand works with. */
export let fixture: SpireFixture;

export function work(on: SpireFixture): SpireFixture {
  fixture = on;
  return on;
}

/** SPIRE over the base with changes, after one look of everybody. */
export async function registered(
  edit: (all: KubeObject[]) => void = () => {},
  options: FixtureOptions = {},
): Promise<void> {
  work(
    await spireFixture({
      ...options,
      objects: (all) => {
        edit(all);
        return all;
      },
    }),
  );
  await fixture.startPlatform();
  await fixture.settle();
}

export function statsOf(name: string): unknown {
  return readField(fixture.store.get({ kind: 'ClusterSPIFFEID', name }) ?? {}, 'status.stats');
}

export function clusterSpiffeId(name: string, spec: EditableObject): KubeObject {
  return {
    apiVersion: 'spire.spiffe.io/v1alpha1',
    kind: 'ClusterSPIFFEID',
    metadata: { name },
    spec: { className: 'spire-server-spire', spiffeIDTemplate: TEMPLATE, ...spec },
  };
}

export function inDefault(path: string, value: EditableObject[string]) {
  return (all: KubeObject[]) => {
    for (const object of all) if (object.kind === 'ClusterSPIFFEID') writeField(object, path, value);
  };
}

/** What the first pod of this name gets. */
export function identityOf(namespace: string, start: string) {
  const pod = fixture.store
    .list('Pod', namespace)
    .find((each) => String(readField(each, 'metadata.name')).startsWith(start));
  return pod && fixture.spire.identityOf(pod);
}
