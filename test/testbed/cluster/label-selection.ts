import type { Editable } from '../../scenario/field-edit.ts';
import { objectsAt, textAt, textListAt, textsAt } from './fields.ts';

type Labels = Readonly<Record<string, string>>;

/** Equality with every pair, as a Service's selector or a nodeSelector asks for it. */
export function hasLabels(wanted: Labels, labels: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** matchLabels and matchExpressions of a LabelSelector or, with `matchExpressions` alone, a nodeSelectorTerm. */
export function matchesLabelSelector(selector: Editable | undefined, labels: Labels): boolean {
  return (
    hasLabels(textsAt(selector, 'matchLabels'), labels) &&
    objectsAt(selector, 'matchExpressions').every((requirement) => {
      const value = labels[textAt(requirement, 'key')];
      const isListed = value !== undefined && textListAt(requirement, 'values').includes(value);
      switch (requirement.operator) {
        case 'In':
          return isListed;
        case 'NotIn':
          return !isListed;
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
