import type { Json } from '../evidence/json.ts';
import type { MessageData } from './check.ts';

/** Fills `{name}` from the data; lists are joined. A name without a value stays as it is, which tests refuse. */
export function fillTemplate(template: string, data: MessageData): string {
  return template.replace(/\{([A-Za-z][A-Za-z0-9]*)\}/g, (whole, name: string) =>
    Object.hasOwn(data, name) ? show(data[name]) : whole,
  );
}

function show(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map(show).join(', ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value ?? '');
}
