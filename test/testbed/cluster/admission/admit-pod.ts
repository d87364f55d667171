import type { KubeObject, Store } from '../../seams.ts';
import { identityOf, objectAt } from '../fields.ts';
import { withDefaultLimits } from './limit-range.ts';
import { podSecurityRefusal } from './pod-security.ts';
import { podSpecErrors } from './pod-validation.ts';
import { policyRefusal } from './policies.ts';
import { quotaRefusal } from './quota.ts';

export type Admission =
  /** The pod as it goes into the store: LimitRanges may have filled in something. */
  | { readonly is: 'admitted'; readonly pod: KubeObject }
  /** `message` is the whole text of the API's answer: `pods "x" is forbidden: …`. */
  | { readonly is: 'refused'; readonly reason: 'Forbidden' | 'Invalid'; readonly message: string };

/** What the API server does with a new pod before it is stored; the same whoever makes it. */
export function admitPod(store: Store, asked: KubeObject): Admission {
  const pod = withDefaultLimits(store, asked);
  const { name } = identityOf(pod);
  const errors = podSpecErrors(objectAt(pod, 'spec'), 'spec');
  if (errors.length > 0) {
    const list = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
    return { is: 'refused', reason: 'Invalid', message: `Pod "${name}" is invalid: ${list}` };
  }
  const refusal = podSecurityRefusal(store, pod) ?? policyRefusal(store, pod) ?? quotaRefusal(store, pod);
  return refusal === undefined
    ? { is: 'admitted', pod }
    : { is: 'refused', reason: 'Forbidden', message: `pods "${name}" is forbidden: ${refusal}` };
}
