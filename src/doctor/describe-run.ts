import type { NotCollected, Snapshot, Target } from '../evidence/snapshot.ts';
import { refText } from './origin-text.ts';
import type { DoctorReport } from './report.ts';

/** Where the evidence comes from, and whether it was gathered to the end. */
export function describeSource(snapshot: Snapshot, kind: 'snapshot' | undefined): DoctorReport['metadata']['source'] {
  const { source, observedAt } = snapshot;
  const cutShort = snapshot.notCollected.some(({ why }) => why === 'deadline' || why === 'interrupted');
  return {
    kind: kind ?? source.kind,
    ...(source.kind === 'live' && source.context !== undefined ? { context: source.context } : {}),
    ...(source.kind === 'live' && source.server !== undefined ? { server: source.server } : {}),
    observedAt,
    complete: source.kind === 'manifests' ? source.complete : !cutShort,
  };
}

/** Something that was wanted and not had, in words. */
export function describeGap({ target, why, detail, rule }: NotCollected): DoctorReport['notCollected'][number] {
  return { what: targetText(target), why, detail, ...(rule ? { rule } : {}) };
}

function targetText(target: Target): string {
  switch (target.what) {
    case 'objects': {
      const place = target.namespace === undefined ? '' : ` in ${target.namespace}`;
      return target.name === undefined
        ? `${target.kind} objects${place}`
        : refText({
            kind: target.kind,
            name: target.name,
            ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
          });
    }
    case 'log':
      return `${target.previous ? 'previous ' : ''}log of ${target.namespace}/${target.pod}, container ${target.container}`;
    case 'probe':
      return `files and HAProxy's memory in ${target.namespace}/${target.pod}`;
  }
}
