import type { Editable } from '../../../scenario/field-edit.ts';
import type { KubeObject } from '../../seams.ts';
import { dig, objectsAt, textAt, textsAt } from '../fields.ts';
import { hasLabels, matchesLabelSelector } from '../label-selection.ts';

/** Why a pod cannot be on a node, in the scheduler's words without the count of nodes; undefined: it can. */
export function placementObstacle(podSpec: Editable | undefined, node: KubeObject): string | undefined {
  if (dig(node, 'spec', 'unschedulable') === true && !tolerates(podSpec, UNSCHEDULABLE)) return 'were unschedulable';
  const taint = objectsAt(node, 'spec', 'taints').find(
    (candidate) => candidate.effect !== 'PreferNoSchedule' && !tolerates(podSpec, candidate),
  );
  if (taint) return `had untolerated taint {${textAt(taint, 'key')}: ${textAt(taint, 'value')}}`;
  const labels = textsAt(node, 'metadata', 'labels');
  const terms = objectsAt(
    podSpec,
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  );
  const isWanted =
    hasLabels(textsAt(podSpec, 'nodeSelector'), labels) &&
    (terms.length === 0 || terms.some((term) => matchesLabelSelector(term, labels)));
  return isWanted ? undefined : "didn't match Pod's node affinity/selector";
}

const UNSCHEDULABLE: KubeObject = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function tolerates(podSpec: Editable | undefined, taint: KubeObject): boolean {
  return objectsAt(podSpec, 'tolerations').some(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  );
}
