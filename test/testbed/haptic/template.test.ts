import { expect, test } from 'vitest';
import { runTemplate } from './run-template.ts';
import { TemplateError } from './template-tokens.ts';

const ingress = { metadata: { namespace: 'shop', name: 'api', annotations: { 'example.com/tls': 'true', off: '' } } };

test.each([
  ['{{ 1 + 2 }}', '3'],
  ['{{ "a" + `b` }}', 'ab'],
  ['a  {{- "b" -}}  c', 'abc'],
  ['a {# left out {{ "x" }} #}b', 'a b'],
  ['{{ ingress | dig("metadata", "annotations", "example.com/tls") }}', 'true'],
  ['{{ ingress | dig("metadata", "nothing", "here") | fallback("none") }}', 'none'],
  ['{{ ingress.metadata["name"] | tostring() }}', 'api'],
  ['{% if ingress == nil %}none{% else if ingress.metadata.name == "api" %}api{% else %}other{% end %}', 'api'],
  ['{% if not (1 == 1) or 1 != 1 %}yes{% else %}no{% end %}', 'no'],
  ['{% if ingress.metadata.annotations.off && true %}yes{% end %}', ''],
  ['{% var x = "a" %}{% if true %}{% x = x + "b" %}{% var y = "c" %}{% end %}{{ x }}', 'ab'],
  ['{% for name in ["a", "b"] %}[{{ name }}]{% end %}', '[a][b]'],
  ['{% for _, name := range ["a"] %}{{ name }}{% end %}', 'a'],
])('%s prints %j', (template, printed) => {
  expect(runTemplate(template, { ingress })).toBe(printed);
});

test('a snippet appends to what it is handed', () => {
  const options = { flags: ['check'] };
  runTemplate('{%- options["flags"] = append(options["flags"].([]any), "ssl",\n "sni str(" + name + ")") %}', {
    options,
    name: 'x',
  });
  expect(options.flags).toEqual(['check', 'ssl', 'sni str(x)']);
});

test.each([
  ['{{ fail("Ingress \'" + "a/b" + "\': conflict") }}', "Ingress 'a/b': conflict"],
  ['{{ missing }}', 'undefined: missing'],
  ['{{ missing("x") }}', 'undefined: missing'],
  ['{% missing = 1 %}', 'undefined: missing'],
  ['{% if true %}', 'unexpected EOF'],
  ['{% end %}', 'unexpected end'],
  ['{{ "a" + 1 }}', 'invalid operation'],
  ['{{ "a }}', 'syntax error'],
  ['{{ (1 }}', 'expecting )'],
  ['{{ 1 2 }}', 'expecting the end'],
  ['{{ x.(int }}', 'expecting )'],
])('%s fails with %j', (template, words) => {
  const run = () => runTemplate(template, { x: 1 });
  expect(run).toThrow(words);
  expect(run).toThrow(TemplateError);
});
