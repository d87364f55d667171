/** What the program that reads a configuration makes of it: the fields of its structure, in their order. */
export type FieldType =
  | { readonly kind: 'bool' | 'int' | 'string' }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'struct'; readonly fields: Schema };

export interface Field {
  /** In lower case; keys match it without regard to case. */
  readonly key: string;
  readonly type: FieldType;
}

/** The order decides which of several errors is reported. */
export type Schema = readonly Field[];
