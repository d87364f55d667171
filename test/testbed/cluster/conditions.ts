import type { EditableObject } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { objectsAt, textAt } from './fields.ts';
import { timestamp } from './timestamp.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** Deployments also note when they last looked. */
  readonly updated?: 'noted';
}

export function conditionOf(object: KubeObject, type: string): EditableObject | undefined {
  return objectsAt(object, 'status', 'conditions').find((condition) => condition.type === type);
}

export function isTrue(object: KubeObject, type: string): boolean {
  return textAt(conditionOf(object, type), 'status') === 'True';
}

/** As an entry of `status.conditions`: times stay what they were as long as nothing differs. */
export function asCondition(object: KubeObject, condition: Condition, now: number): EditableObject {
  const { type, status, reason, message, updated } = condition;
  const before = conditionOf(object, type);
  const time = timestamp(now);
  const isSame = (key: string, value: string | undefined) => textAt(before, key) === (value ?? '');
  const hasKeptStatus = before !== undefined && isSame('status', status);
  const hasKept = hasKeptStatus && isSame('reason', reason) && isSame('message', message);
  return {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(updated ? { lastUpdateTime: hasKept ? textAt(before, 'lastUpdateTime') || time : time } : {}),
    lastTransitionTime: hasKeptStatus ? textAt(before, 'lastTransitionTime') || time : time,
  };
}
