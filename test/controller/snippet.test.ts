import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnippet } from '../../src/evidence/snippet/read-snippet.ts';

const snippet = (annotation: string, flags: string) => `
{#- reads "metadata", "annotations", "commented.example/out" -#}
{%- var other = ingress | dig("metadata", "annotations", "haproxy.org/server-ssl") | fallback("") | tostring() %}
{%- var mode = ingress | dig("metadata", "annotations", "corp.example/tier") | fallback("") | tostring() %}
{%- var wanted = ingress | dig("metadata", "annotations",
     "${annotation}") | fallback("") | tostring() %}
{%- var ns = ingress | dig("metadata", "namespace") | fallback("") | tostring() %}
{%- if wanted == "true" %}
  {%- var dns = tostring(svcName) + "." + tostring(ns) + ".svc" %}
  {%- serverOpts["flags"] = append(serverOpts["flags"].([]any), ${flags}) %}
{%- end %}`;

describe('a snippet', () => {
  it('tells the annotation that switches it, the files, and the name that is sent', () => {
    const flags =
      '"ssl verify required " +\n "ca-file /run/ids/ca.pem " + "crt /run/ids/id.pem " + "sni str(" + dns + ")"';
    expect(readSnippet(snippet('corp.example/mtls', flags))).toEqual({
      annotation: 'corp.example/mtls',
      certificate: '/run/ids/id.pem',
      caFile: '/run/ids/ca.pem',
      sni: '<svc>.<ns>.svc',
      verify: 'required',
    });
  });

  it('may send a fixed name, an interpolated one, or none', () => {
    const sniOf = (end: string) => readSnippet(snippet('a/b', `"ssl verify none crt /a ca-file /b${end}"`));
    expect(sniOf(' sni str(api.example.com)')?.sni).toBe('api.example.com');
    expect(sniOf(' sni str({{ svcName }}.{{ ns }}.svc)')?.sni).toBe('<svc>.<ns>.svc');
    expect(sniOf(' sni str(" + lookup(x) + ")')?.sni).toBe('<?>');
    expect(sniOf('')).toEqual({ annotation: 'a/b', certificate: '/a', caFile: '/b', verify: 'none' });
  });

  it('that reads no annotation of its own, or brings no certificate, is none', () => {
    expect(
      readSnippet(
        '{%- var a = ingress | dig("metadata", "annotations", "haproxy.org/server-crt") %} crt /a ca-file /b',
      ),
    ).toBeUndefined();
    expect(readSnippet(snippet('a/b', '"ssl verify required"'))).toBeUndefined();
  });

  it('of any text is read without failing, in bounded time', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'dig("metadata", "annotations", "a/b")',
        'var a = ',
        '== "true"',
        ' crt /a',
        ' sni str(',
        '"',
        ' + ',
        '{{',
        '{#',
        '%}',
        'a',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (parts) => {
        readSnippet(parts.join(''));
      }),
    );
    const started = performance.now();
    for (const text of [
      '" + '.repeat(20_000),
      '{#'.repeat(30_000),
      `crt /a dig("metadata", "annotations", "a/b") sni str(" + a + ")${' var a = a + a + a %}'.repeat(2000)}`,
    ])
      readSnippet(text);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
