import {
  Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Tags,
} from 'yaml';
import { CannotRun } from '../../doctor/cannot-run.ts';
import { isObject, type Json, type JsonObject, textAt } from '../../evidence/json.ts';
import { fieldPath } from '../../evidence/snapshot.ts';

/** An object of a manifest, and the line of each of its fields; see `CollectedObject.lines`. */
export interface ManifestObject {
  readonly object: JsonObject;
  readonly lines: Readonly<Record<string, number>>;
}

const MAX_NODES = 2_000_000;

/**
 * All Kubernetes objects of a YAML or JSON text, lists taken apart. Scalars mean what they mean to kubectl, which reads
 * YAML 1.1 without its dates and base-60 numbers: `0400` is octal, `yes` is true. Throws `CannotRun` naming the place.
 */
export function parseManifest(name: string, text: string): readonly ManifestObject[] {
  const lineCounter = new LineCounter();
  const documents = guard(name, () =>
    parseAllDocuments(text, { version: '1.1', customTags: kubectlTags, lineCounter, prettyErrors: false }),
  );
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      const hint = /\{\{/.test(text) ? '; a Helm template must be rendered first: helm template … | … -f -' : '';
      throw new CannotRun(`${name}:${line}:${col}: ${sentence(error.message)}${hint}`);
    }
    return objectsOf(name, document, lineCounter);
  });
}

function kubectlTags(tags: Tags): Tags {
  const unlike = ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((type) => `tag:yaml.org,2002:${type}`);
  return tags.filter(
    (tag) => typeof tag === 'string' || (!unlike.includes(tag.tag) && !('format' in tag && tag.format === 'TIME')),
  );
}

function objectsOf(name: string, document: Document, lineCounter: LineCounter): readonly ManifestObject[] {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  const line = lineOf(contents, lineCounter);
  const value = guard(`${name}:${line}`, () => toJson(document.toJS({ maxAliasCount: 1000 })));
  if (!isObject(value) || !isMap(contents)) throw new CannotRun(`${name}:${line}: not a Kubernetes object`);
  const kind = textAt(value.kind);
  if (!kind)
    throw new CannotRun(`${name}:${line}: not a Kubernetes object: it has no kind (values files are not manifests)`);
  if (!kind.endsWith('List') || !Array.isArray(value.items))
    return [{ object: value, lines: linesOf(contents, lineCounter) }];
  const items = contents.get('items', true);
  const nodes = isSeq(items) ? items.items : [];
  return (value.items as readonly Json[]).flatMap((item, index): ManifestObject[] => {
    if (!isObject(item)) return [];
    // Items of a typed list leave out what the list says for all of them.
    const object = textAt(item.kind)
      ? item
      : { apiVersion: value.apiVersion, kind: kind.slice(0, -'List'.length), ...item };
    const node = nodes[index];
    return textAt(object.kind) ? [{ object, lines: isNode(node) ? linesOf(node, lineCounter) : {} }] : [];
  });
}

function linesOf(root: Node, lineCounter: LineCounter): Readonly<Record<string, number>> {
  const lines = new Map<string, number>([['', lineOf(root, lineCounter)]]);
  const visit = (node: unknown, path: readonly (string | number)[]) => {
    if (lines.size > MAX_NODES || !isNode(node) || node instanceof Alias) return;
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === undefined || !isNode(key)) continue;
        lines.set(fieldPath(...path, name), blockLine(value, lineCounter) ?? lineOf(key, lineCounter));
        visit(value, [...path, name]);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (!isNode(item)) continue;
        lines.set(fieldPath(...path, index), blockLine(item, lineCounter) ?? lineOf(item, lineCounter));
        visit(item, [...path, index]);
      }
    }
  };
  visit(root, []);
  return Object.fromEntries(lines);
}

/** The text of a block scalar begins below its `|`. */
function blockLine(node: unknown, lineCounter: LineCounter): number | undefined {
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  return isBlock ? lineOf(node, lineCounter) + 1 : undefined;
}

function lineOf(node: Node, lineCounter: LineCounter): number {
  return lineCounter.linePos(node.range?.[0] ?? 0).line;
}

function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
  }
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** The library gives up on aliases that multiply, and the stack on thousands of levels. */
function guard<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why =
      error instanceof RangeError ? 'nested too deeply' : error instanceof Error ? sentence(error.message) : 'not YAML';
    throw new CannotRun(`${place}: ${why}`, { cause: error });
  }
}

function sentence(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/ at line \d+, column \d+:?$/, '').slice(0, 200);
}
