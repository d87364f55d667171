// What the program uses and Node has had only since 21 and 22; bundled into the npm package alone.

const groupInto = <Key, Item>(items: Iterable<Item>, keyOf: (item: Item, index: number) => Key): Map<Key, Item[]> => {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    index += 1;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

/** Leaves what a Node has of itself alone. */
function provide(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

provide(Map, 'groupBy', groupInto);
provide(Object, 'groupBy', <Item>(items: Iterable<Item>, keyOf: (item: Item, index: number) => PropertyKey) =>
  Object.assign(Object.create(null), Object.fromEntries(groupInto(items, keyOf))),
);
provide(Promise, 'withResolvers', () => {
  let [resolve, reject]: ((value?: unknown) => void)[] = [];
  const promise = new Promise<unknown>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
});
