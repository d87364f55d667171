import { listAt, objectAt, textAt, textsAt } from './json.ts';

/**
 * Whether labels satisfy a LabelSelector as the API server evaluates it (apimachinery labels: an empty selector
 * matches everything, `NotIn` and `DoesNotExist` match objects without the label).
 */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return explainSelector(selector, labels) === undefined;
}

/** The first requirement that the labels do not meet, in words; undefined when they meet all. */
export function explainSelector(selector: unknown, labels: Readonly<Record<string, string>>): string | undefined {
  const { matchLabels, matchExpressions } = objectAt(selector);
  for (const [key, value] of Object.entries(textsAt(matchLabels))) {
    if (labels[key] !== value) return `wants ${key}=${value}, ${has(labels, key)}`;
  }
  for (const requirement of listAt(matchExpressions)) {
    const unmet = explainRequirement(requirement, labels);
    if (unmet) return unmet;
  }
  return undefined;
}

function explainRequirement(requirement: unknown, labels: Readonly<Record<string, string>>): string | undefined {
  const { key: rawKey, operator, values: rawValues } = objectAt(requirement);
  const key = textAt(rawKey) ?? '';
  const values = listAt(rawValues).flatMap((value) => (typeof value === 'string' ? [value] : []));
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
        ? undefined
        : `wants ${key} in (${values.join(', ')}), ${has(labels, key)}`;
    case 'NotIn':
      return value === undefined || !values.includes(value)
        ? undefined
        : `wants ${key} not in (${values.join(', ')}), ${has(labels, key)}`;
    case 'Exists':
      return value !== undefined ? undefined : `wants a label ${key}, ${has(labels, key)}`;
    case 'DoesNotExist':
      return value === undefined ? undefined : `wants no label ${key}, ${has(labels, key)}`;
    default:
      return `has a requirement with the unknown operator ${JSON.stringify(operator ?? null)}`;
  }
}

function has(labels: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(labels, key) ? `found ${key}=${labels[key]}` : `found no label ${key}`;
}

/**
 * Whether labels satisfy a selector as kubectl's `-l` takes it: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`,
 * `a`, `!a`, joined by commas. Text that is none of these matches nothing.
 */
export function matchesSelectorText(selector: string, labels: Readonly<Record<string, string>>): boolean {
  const requirements = parseSelectorText(selector);
  return requirements !== undefined && matchesSelector({ matchExpressions: requirements }, labels);
}

/** The requirements of a `-l` selector as LabelSelector JSON; undefined when it does not parse. */
export function parseSelectorText(
  selector: string,
): readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[] | undefined {
  // Commas inside parentheses belong to a set.
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  const requirements = [];
  for (const part of parts.filter((text) => text !== '')) {
    const set = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part);
    const pair = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
    const flag = /^(!?)\s*([\w./-]+)$/.exec(part);
    if (set) {
      const values = (set[3] ?? '').split(',').map((value) => value.trim());
      requirements.push({ key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values });
    } else if (pair) {
      requirements.push({ key: pair[1] ?? '', operator: pair[2] === '!=' ? 'NotIn' : 'In', values: [pair[3] ?? ''] });
    } else if (flag) {
      requirements.push({ key: flag[2] ?? '', operator: flag[1] ? 'DoesNotExist' : 'Exists', values: [] });
    } else return undefined;
  }
  return requirements;
}
