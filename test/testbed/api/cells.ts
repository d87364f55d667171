import { type Editable, readField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { shortDuration } from './duration.ts';
import { isMap } from './metadata.ts';

/** One column of a kind's table. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'date';
  /** `wide` columns are shown by `-o wide` alone. */
  readonly shown: 'always' | 'wide';
  readonly cell: (object: KubeObject, now: number) => string | number;
}

export function column(name: string, cell: Column['cell'], shown: Column['shown'] = 'always'): Column {
  return { name, cell, shown, type: 'string' };
}

export function text(path: string, otherwise = '<none>'): Column['cell'] {
  return (object) => {
    const value = readField(object, path);
    return value === undefined || value === null || value === '' ? otherwise : String(value);
  };
}

export function count(path: string, otherwise = 0): Column['cell'] {
  return (object) => Number(readField(object, path) ?? otherwise);
}

export function listed(path: string, show: (item: Editable) => string | undefined): Column['cell'] {
  return (object) =>
    listOf(readField(object, path))
      .flatMap((item) => show(item) ?? [])
      .join(',') || '<none>';
}

export function listOf(value: Editable | undefined): readonly Editable[] {
  return Array.isArray(value) ? value : [];
}

export function member(item: Editable, field: string): string | undefined {
  const value = isMap(item) ? readField(item, field) : undefined;
  return value === undefined || value === null ? undefined : String(value);
}

export function since(path: string): Column['cell'] {
  return (object, now) => {
    const value = readField(object, path);
    return typeof value === 'string' ? shortDuration(now - Date.parse(value)) : '<unknown>';
  };
}

export function size(path: string): Column['cell'] {
  return (object) => Object.keys(isMap(readField(object, path) ?? null) ? Object(readField(object, path)) : {}).length;
}

export function labels(path: string): Column['cell'] {
  return (object) => {
    const value = readField(object, path);
    const pairs = isMap(value) ? Object.entries(value).map(([key, wanted]) => `${key}=${String(wanted)}`) : [];
    return pairs.sort().join(',') || '<none>';
  };
}
