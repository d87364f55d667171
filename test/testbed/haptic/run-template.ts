import { type Expression, ExpressionReader, innerScope, isTrue, type Scope } from './template-expression.ts';
import { type Segment, segmentsOf, TemplateError, tokensOf } from './template-tokens.ts';

type Step = (scope: Scope, print: (text: string) => void) => void;

/** Runs a template snippet with these names, whose objects it may change, and returns what it prints. Throws TemplateError. */
export function runTemplate(template: string, names: Readonly<Record<string, unknown>>): string {
  const scope = innerScope();
  for (const [name, value] of Object.entries(names)) scope.set(name, value);
  const parser = new TemplateParser(segmentsOf(template));
  let printed = '';
  for (const step of parser.block())
    step(scope, (text) => {
      printed += text;
    });
  parser.close();
  return printed;
}

class TemplateParser {
  readonly #segments: readonly Segment[];
  #at = 0;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  /** Until the end, or a statement that ends or goes on with the block around it. */
  block(): readonly Step[] {
    const steps: Step[] = [];
    for (let segment = this.#segments[this.#at]; segment; segment = this.#segments[this.#at]) {
      const { kind, text } = segment;
      if (kind === 'do' && /^\s*(?:end|else|elseif)\b/.test(text)) break;
      this.#at += 1;
      if (kind === 'text') steps.push((_, print) => print(text));
      else if (kind === 'print') {
        const shown = whole(text);
        steps.push((scope, print) => print(String(shown(scope) ?? '')));
      } else steps.push(this.#statement(text));
    }
    return steps;
  }

  close(): void {
    const rest = this.#segments[this.#at];
    if (rest) throw new TemplateError(`syntax error: unexpected ${rest.text.trim()}`);
  }

  #statement(text: string): Step {
    const reader = new ExpressionReader(tokensOf(text));
    if (reader.take('if')) return this.#condition(finished(reader));
    if (reader.take('for')) return this.#loop(reader);
    if (reader.take('var')) {
      const name = reader.name();
      if (!reader.take('=')) throw reader.unexpected('=');
      const value = finished(reader);
      return (scope) => scope.set(name, value(scope));
    }
    const place = reader.place();
    const value = finished(reader);
    return place ? (scope) => place(scope, value(scope)) : (scope) => void value(scope);
  }

  #condition(condition: Expression): Step {
    const steps = this.block();
    const otherwise = this.#otherwise();
    return (scope, print) => {
      const inner = innerScope(scope);
      for (const step of isTrue(condition(scope)) ? steps : otherwise) step(inner, print);
    };
  }

  #otherwise(): readonly Step[] {
    const text = this.#segments[this.#at]?.text.trim();
    this.#at += 1;
    if (text === undefined) throw new TemplateError('syntax error: unexpected EOF, expecting end');
    if (/^end(?:\s*if)?$/.test(text)) return [];
    const condition = /^(?:else\s+if|elseif)\b([\s\S]*)$/.exec(text)?.[1];
    if (condition !== undefined) return [this.#condition(whole(condition))];
    const steps = this.block();
    this.#at += 1;
    return steps;
  }

  #loop(reader: ExpressionReader): Step {
    const names = [reader.name()];
    if (reader.take(',')) names.push(reader.name());
    if (!reader.take('in')) {
      if (!reader.take(':=')) throw reader.unexpected('in');
      if (!reader.take('range')) throw reader.unexpected('range');
    }
    const list = finished(reader);
    const steps = this.block();
    this.#at += 1;
    const name = names.at(-1) ?? '';
    return (scope, print) => {
      const items = list(scope);
      for (const item of Array.isArray(items) ? items : []) {
        const inner = innerScope(scope);
        inner.set(name, item);
        for (const step of steps) step(inner, print);
      }
    };
  }
}

function whole(text: string): Expression {
  return finished(new ExpressionReader(tokensOf(text)));
}

function finished(reader: ExpressionReader): Expression {
  const expression = reader.expression();
  reader.end();
  return expression;
}
