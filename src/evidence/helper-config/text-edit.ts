import { hclTokens } from '../redact/hcl-tokens.ts';

export { mayLackValues as hasMaskedValues } from '../redact/helper-config.ts';

/** The lines in which two texts differ. */
export interface TextEdit {
  /** 1-based line at which `before` begins, and where `after` is to stand. */
  readonly line: number;
  /** The lines to replace; '' when lines are only added before `line`. */
  readonly before: string;
  readonly after: string;
}

/** The smallest run of whole lines that turns one text into the other; undefined when they are equal. */
export function editBetween(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const old = before.replaceAll('\r\n', '\n').split('\n');
  const fresh = after.split('\n');
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let oldEnd = old.length;
  let freshEnd = fresh.length;
  while (oldEnd > start && freshEnd > start && old[oldEnd - 1] === fresh[freshEnd - 1]) {
    oldEnd -= 1;
    freshEnd -= 1;
  }
  return {
    line: start + 1,
    before: old.slice(start, oldEnd).join('\n'),
    after: fresh.slice(start, freshEnd).join('\n'),
  };
}

/** The text after several edits of it; undefined when two of them are about the same lines. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const upwards = [...edits].sort((a, b) => b.line - a.line);
  let free = Number.POSITIVE_INFINITY;
  for (const { line, before, after } of upwards) {
    const count = before === '' && lines[line - 1] !== '' ? 0 : before.split('\n').length;
    if (line + Math.max(count, 1) > free) return undefined;
    free = line;
    lines.splice(line - 1, count, ...(after === '' ? [] : after.split('\n')));
  }
  return lines.join('\n');
}

/** A comment whose words were replaced before the text was stored: what is left of it says nothing. */
const MASKED_COMMENT = /^[#/][\sx*#/\u0080-\uffff]*$/;

/** The text without comments whose wording was left out when it was stored. */
export function withoutMaskedComments(text: string): string {
  const kept: string[] = [];
  let line = '';
  let cut = false;
  const endLine = () => {
    if (!cut) kept.push(line);
    else if (line.trim() !== '') kept.push(line.trimEnd());
    line = '';
    cut = false;
  };
  for (const token of hclTokens(text)) {
    if (token.kind === 'comment' && MASKED_COMMENT.test(token.text)) {
      cut = true;
      continue;
    }
    const [first = '', ...others] = token.text.split('\n');
    line += first;
    for (const other of others) {
      endLine();
      line = other;
    }
  }
  endLine();
  return kept.join('\n');
}
