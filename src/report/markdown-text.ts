import { printable } from './escape.ts';
import { type Canvas, paint, paragraph, plain, wrap } from './layout.ts';

/**
 * A page of Markdown for the terminal. Understands what the checks' pages use: headings, paragraphs, bold words, code,
 * links, lists and fenced code; everything else is shown as it is written.
 */
export function renderMarkdown(canvas: Canvas, source: string): readonly string[] {
  const lines: string[] = [];
  let previous: Block['kind'] | undefined;
  for (const block of blocksOf(source)) {
    if (previous !== undefined && !(previous === 'item' && block.kind === 'item')) lines.push('');
    previous = block.kind;
    lines.push(...blockLines(canvas, block));
  }
  return lines;
}

type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'item' | 'paragraph'; readonly text: string; readonly lead: string };

function blocksOf(source: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { kind: 'item' | 'paragraph'; text: string; lead: string } | undefined;
  let fence: { readonly mark: string; readonly indent: number; readonly lines: string[] } | undefined;
  let indented: { readonly kind: 'code'; readonly lines: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined) blocks.push(open);
    open = undefined;
  };
  for (const line of source.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (fence !== undefined) {
      if (trimmed.startsWith(fence.mark)) {
        blocks.push({ kind: 'code', lines: fence.lines });
        fence = undefined;
      } else fence.lines.push(line.slice(Math.min(fence.indent, line.length - line.trimStart().length)));
      continue;
    }
    if (open === undefined && /^ {4}\S/.test(line)) {
      const before = blocks.at(-1);
      if (before?.kind === 'code' && indented === before) indented.lines.push(line.slice(4));
      else {
        indented = { kind: 'code', lines: [line.slice(4)] };
        blocks.push(indented);
      }
      continue;
    }
    const mark = /^(?:```|~~~)/.exec(trimmed)?.[0];
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    const item = /^(\s*(?:[-*]|\d{1,3}\.) )(.*)$/.exec(line);
    if (mark !== undefined) {
      close();
      fence = { mark, indent: line.length - line.trimStart().length, lines: [] };
    } else if (heading !== undefined) {
      close();
      blocks.push({ kind: 'heading', text: heading });
    } else if (item !== null) {
      close();
      open = { kind: 'item', lead: item[1] ?? '', text: item[2] ?? '' };
    } else if (trimmed === '') close();
    else if (open === undefined) open = { kind: 'paragraph', lead: '', text: trimmed };
    else open.text += ` ${trimmed}`;
  }
  close();
  if (fence !== undefined) blocks.push({ kind: 'code', lines: fence.lines });
  return blocks;
}

function blockLines(canvas: Canvas, block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [paint(canvas, 'strong', plain(canvas, unmarked(block.text)))];
    case 'code':
      return block.lines.map((line) => `    ${plain(canvas, printable(line.replaceAll('\t', '  ')))}`);
    case 'paragraph':
      return emphasised(canvas, paragraph(canvas, unmarked(block.text)), block.text);
    case 'item': {
      const indent = ' '.repeat(block.lead.length);
      const [first = '', ...rest] = wrap(
        plain(canvas, unmarked(block.text)),
        Math.max(20, canvas.width - indent.length),
      );
      return [`${block.lead}${first}`, ...rest.map((line) => `${indent}${line}`)];
    }
  }
}

/** The word in bold that begins a paragraph stays bold. */
function emphasised(canvas: Canvas, lines: readonly string[], source: string): readonly string[] {
  const lead = /^\*\*([^*]{1,60})\*\*/.exec(source)?.[1];
  const [first = '', ...rest] = lines;
  if (lead === undefined || !first.startsWith(lead)) return lines;
  return [`${paint(canvas, 'strong', lead)}${first.slice(lead.length)}`, ...rest];
}

/** Text without the marks of Markdown. Code keeps its characters. */
function unmarked(text: string): string {
  return printable(
    text
      .split(/(`[^`]*`)/)
      .map((part) =>
        part.startsWith('`') && part.endsWith('`') && part.length > 1
          ? part.slice(1, -1)
          : part
              .replace(/\[([^\]]{1,300})\]\(([^)\s]{1,300})\)/g, (_, label: string, address: string) =>
                /^https?:/.test(address) ? `${label} (${address})` : label,
              )
              .replace(/\*\*([^*]+)\*\*/g, '$1')
              .replace(/(^|\s)[*_]([^*_\s][^*_]*)[*_](?=[\s.,;:)]|$)/g, '$1$2'),
      )
      .join(''),
  );
}
