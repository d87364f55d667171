// @peculiar/x509 finds its algorithms through tsyringe, which refuses to load unless these functions stand on Reflect.
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let here: object | null = target; here !== null; here = Object.getPrototypeOf(here)) {
    if (metadata.get(here)?.has(key)) return getOwnMetadata(key, here);
  }
  return undefined;
}

/** Must run before @peculiar/x509 is loaded; leaves a polyfill that is already there alone. */
export function prepareReflect(): void {
  if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata });
}
