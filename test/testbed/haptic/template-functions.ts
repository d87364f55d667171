import { TemplateError } from './template-tokens.ts';

const FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  /** Through objects by keys; nil as soon as one is not there. */
  dig: (value, ...keys) => {
    let here = value;
    for (const key of keys)
      here = typeof here === 'object' && here !== null ? Reflect.get(here, String(key)) : undefined;
    return here ?? null;
  },
  fallback: (value, otherwise) => value ?? otherwise,
  tostring: (value) => (value === null || value === undefined ? '' : String(value)),
  append: (list, ...values) => [...(Array.isArray(list) ? list : []), ...values],
  fail: (message) => {
    throw new TemplateError(String(message));
  },
  len: (value) => (typeof value === 'string' || Array.isArray(value) ? value.length : 0),
  toLower: (value) => String(value).toLowerCase(),
  trim: (value) => String(value).trim(),
  contains: (value, part) => String(value).includes(String(part)),
  hasPrefix: (value, part) => String(value).startsWith(String(part)),
  hasSuffix: (value, part) => String(value).endsWith(String(part)),
  replace: (value, from, to) => String(value).replaceAll(String(from), String(to)),
  join: (list, between) => (Array.isArray(list) ? list.map(String).join(String(between)) : ''),
};

/** A function of the template language; throws TemplateError for one that there is not. */
export function call(name: string, values: readonly unknown[]): unknown {
  const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (called === undefined) throw new TemplateError(`undefined: ${name}`);
  return called(...values);
}
