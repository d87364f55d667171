import { call } from './template-functions.ts';
import { TemplateError, type Token } from './template-tokens.ts';

/** Names that a template sees; a block's own scope leads to the one around it. */
export type Scope = Map<string, unknown> & { readonly around?: Scope };

export type Expression = (scope: Scope) => unknown;

/** Where something can be put. */
export type Place = (scope: Scope, value: unknown) => void;

export function innerScope(around?: Scope): Scope {
  return Object.assign(new Map<string, unknown>(), around && { around });
}

/** Reads expressions of the template language: names, literals, `+`, comparisons, `and`/`or`/`not`, calls, pipes, indices. */
export class ExpressionReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Takes the next token when it is this word or sign. */
  take(...values: readonly string[]): boolean {
    const token = this.#tokens[this.#at];
    const matches = token !== undefined && token.kind !== 'string' && values.includes(String(token.value));
    if (matches) this.#at += 1;
    return matches;
  }

  name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word') throw this.unexpected('a name');
    this.#at += 1;
    return token.value;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.unexpected('the end');
  }

  unexpected(wanted: string): TemplateError {
    const token = this.#tokens[this.#at];
    return new TemplateError(
      `syntax error: unexpected ${token === undefined ? 'end' : JSON.stringify(token.value)}, expecting ${wanted}`,
    );
  }

  /** What stands left of an assignment; undefined: this is none. */
  place(): Place | undefined {
    const start = this.#at;
    const token = this.#tokens[this.#at];
    if (token?.kind === 'word') {
      this.#at += 1;
      const keys: Expression[] = [];
      while (this.take('[')) {
        keys.push(this.expression());
        this.#need(']');
      }
      if (this.take('=')) return placeOf(token.value, keys);
    }
    this.#at = start;
    return undefined;
  }

  expression(): Expression {
    let left = this.#conjunction();
    while (this.take('||', 'or')) {
      const [a, b] = [left, this.#conjunction()];
      left = (scope) => isTrue(a(scope)) || isTrue(b(scope));
    }
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.take('&&', 'and')) {
      const [a, b] = [left, this.#negation()];
      left = (scope) => isTrue(a(scope)) && isTrue(b(scope));
    }
    return left;
  }

  #negation(): Expression {
    if (!this.take('!', 'not')) return this.#comparison();
    const negated = this.#negation();
    return (scope) => !isTrue(negated(scope));
  }

  #comparison(): Expression {
    const left = this.#sum();
    for (const sign of ['==', '!=']) {
      if (!this.take(sign)) continue;
      const right = this.#sum();
      return (scope) => ((left(scope) ?? null) === (right(scope) ?? null)) === (sign === '==');
    }
    return left;
  }

  #sum(): Expression {
    let left = this.#piped();
    while (this.take('+')) {
      const [a, b] = [left, this.#piped()];
      left = (scope) => {
        const [x, y] = [a(scope), b(scope)];
        if (typeof x === 'number' && typeof y === 'number') return x + y;
        if (typeof x === 'string' && typeof y === 'string') return x + y;
        throw new TemplateError(`invalid operation: + of ${typeof x} and ${typeof y}`);
      };
    }
    return left;
  }

  #piped(): Expression {
    let value = this.#postfix();
    while (this.take('|')) {
      const name = this.name();
      const given = this.take('(') ? this.#list(')') : [];
      const before = value;
      value = (scope) => call(name, [before(scope), ...given.map((argument) => argument(scope))]);
    }
    return value;
  }

  #postfix(): Expression {
    let value = this.#primary();
    for (;;) {
      const before = value;
      if (this.take('[')) {
        const key = this.expression();
        this.#need(']');
        value = (scope) => memberOf(before(scope), key(scope));
      } else if (this.take('.')) {
        if (this.take('(')) {
          // A type assertion: values have no static type here.
          this.#skipTo(')');
        } else {
          const name = this.name();
          value = (scope) => memberOf(before(scope), name);
        }
      } else return value;
    }
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at];
    if (this.take('(')) {
      const inner = this.expression();
      this.#need(')');
      return inner;
    }
    if (this.take('[')) {
      const items = this.#list(']');
      return (scope) => items.map((item) => item(scope));
    }
    if (token === undefined || token.kind === 'sign') throw this.unexpected('expression');
    this.#at += 1;
    if (token.kind !== 'word') return () => token.value;
    const { value: name } = token;
    if (name === 'nil') return () => null;
    if (name === 'true' || name === 'false') return () => name === 'true';
    if (!this.take('(')) return (scope) => lookUp(scope, name);
    const given = this.#list(')');
    return (scope) =>
      call(
        name,
        given.map((argument) => argument(scope)),
      );
  }

  #list(close: string): readonly Expression[] {
    const items: Expression[] = [];
    while (!this.take(close)) {
      items.push(this.expression());
      if (!this.take(',')) {
        this.#need(close);
        break;
      }
    }
    return items;
  }

  #skipTo(sign: string): void {
    while (!this.take(sign)) {
      if (this.#at === this.#tokens.length) throw this.unexpected(sign);
      this.#at += 1;
    }
  }

  #need(sign: string): void {
    if (!this.take(sign)) throw this.unexpected(sign);
  }
}

export function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function lookUp(scope: Scope, name: string): unknown {
  for (let here: Scope | undefined = scope; here; here = here.around) if (here.has(name)) return here.get(name);
  throw new TemplateError(`undefined: ${name}`);
}

function placeOf(name: string, keys: readonly Expression[]): Place {
  return (scope, value) => {
    const last = keys.at(-1);
    if (last !== undefined) {
      let target = lookUp(scope, name);
      for (const key of keys.slice(0, -1)) target = memberOf(target, key(scope));
      if (typeof target !== 'object' || target === null) throw new TemplateError(`${name} cannot be indexed`);
      Reflect.set(target, String(last(scope)), value);
      return;
    }
    let here: Scope | undefined = scope;
    while (here && !here.has(name)) here = here.around;
    if (!here) throw new TemplateError(`undefined: ${name}`);
    here.set(name, value);
  };
}

function memberOf(value: unknown, key: unknown): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, String(key)) ?? null) : null;
}
