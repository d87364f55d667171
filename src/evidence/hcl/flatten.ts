import { Rejection } from './rejection.ts';
import type { ObjectItem, ObjectList, ValueNode } from './syntax-tree.ts';

/** Keys that flattening may copy in all: many siblings below a long chain of objects multiply. */
const MAX_KEYS = 1_000_000;

/**
 * JSON has no blocks with labels, so the library takes an object whose members are all objects — and a list whose
 * elements are all objects — for such blocks: `{"a": {"b": {…}, "c": {…}}}` becomes `a b {…}` and `a c {…}`.
 */
export function flattenObjects(root: ObjectList): ObjectList {
  const budget = { keys: MAX_KEYS };
  return flattenList(root, budget);
}

function flattenList(list: ObjectList, budget: { keys: number }): ObjectList {
  const pending = [...list.items].reverse();
  const items: ObjectItem[] = [];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const blocks = blocksOf(item);
    if (blocks) {
      for (const block of blocks) budget.keys -= block.keys.length;
      if (budget.keys < 0) throw new Rejection('too many nested objects', item.keys[0]?.at);
      for (const block of blocks.reverse()) pending.push(block);
    } else items.push({ ...item, value: flattenValue(item.value, budget) });
  }
  return { type: 'ObjectList', items };
}

function blocksOf(item: ObjectItem): ObjectItem[] | undefined {
  const { value } = item;
  if (value.type === 'ObjectType') {
    const members = value.list.items;
    if (members.length === 0 || !members.every((member) => member.value.type === 'ObjectType')) return undefined;
    return members.map((member) => ({ ...item, keys: [...item.keys, ...member.keys], value: member.value }));
  }
  if (value.type !== 'ListType' || value.elements.length === 0) return undefined;
  if (!value.elements.every((element) => element.type === 'ObjectType')) return undefined;
  return value.elements.map((element) => ({ ...item, value: element }));
}

function flattenValue(value: ValueNode, budget: { keys: number }): ValueNode {
  if (value.type === 'ObjectType') return { ...value, list: flattenList(value.list, budget) };
  if (value.type === 'ListType') {
    return { ...value, elements: value.elements.map((element) => flattenValue(element, budget)) };
  }
  return value;
}
