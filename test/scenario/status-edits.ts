import type { StatusChange } from './case-file.ts';
import { type EditableObject, readField, writeField } from './field-edit.ts';
import { iso, moment } from './moments.ts';

export function setStatus(objects: readonly EditableObject[], change: StatusChange, touched: () => void): void {
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
