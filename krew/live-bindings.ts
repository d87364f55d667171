/**
 * Names that an ES module exports and assigns more than once. Between parts an export is the value that it has when its
 * module has run, so that none of these would be seen to change. By words, not by syntax: it may name one too many.
 */
export function changingExports(text: string): readonly string[] {
  const declared = [...text.matchAll(/\bexport\s+(?:let|var)\s+([\w$]+)/g)].map(([, name = '']) => name);
  const listed = [...text.matchAll(/\bexport\s*\{([^}]*)\}(?!\s*from)/g)]
    .flatMap(([, list = '']) => list.split(','))
    .map((word) => word.trim().split(/\s+as\s+/)[0] ?? '')
    .filter((name) => name !== '' && wordIn(name, String.raw`\b(?:let|var)\s+`, '').test(text));
  return [...new Set([...declared, ...listed])].filter((name) => assignments(text, name) > 1);
}

function assignments(text: string, name: string): number {
  const after = [
    // Another variable of that name in a smaller scope is another one.
    ...text.matchAll(
      wordIn(
        name,
        String.raw`(?<!\bconst\s+)`,
        String.raw`\s*(?:(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])|\+\+|--)`,
      ),
    ),
  ];
  const before = [...text.matchAll(wordIn(name, String.raw`(?:\+\+|--)\s*`, ''))];
  return after.length + before.length;
}

function wordIn(name: string, before: string, after: string): RegExp {
  return new RegExp(`${before}(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])${after}`, 'g');
}
