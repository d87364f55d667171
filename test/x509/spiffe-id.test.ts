import { describe, expect, it } from 'vitest';
import { span, utc } from '../../src/evidence/x509/spans.ts';
import { parseSpiffeId } from '../../src/evidence/x509/spiffe-id.ts';

describe('parseSpiffeId', () => {
  it('takes an ID apart', () => {
    expect(parseSpiffeId('spiffe://prod.example.com/ns/haptic/sa/default')).toEqual({
      ok: true,
      trustDomain: 'prod.example.com',
      path: '/ns/haptic/sa/default',
    });
    expect(parseSpiffeId('spiffe://prod.example.com')).toMatchObject({ ok: true, path: '' });
  });

  it.each([
    ['https://prod.example.com/a', 'scheme'],
    ['SPIFFE://prod.example.com/a', 'scheme'],
    ['spiffe://Prod.example.com/a', 'trust domain'],
    ['spiffe://prod.example.com:8443/a', 'trust domain'],
    ['spiffe:///a', 'trust domain'],
    ['spiffe://prod.example.com/', 'empty segment'],
    ['spiffe://prod.example.com/a//b', 'empty segment'],
    ['spiffe://prod.example.com/a/../b', 'relative segment'],
    ['spiffe://prod.example.com/a%20b', 'is not made of'],
    ['spiffe://prod.example.com/a?b', 'is not made of'],
    [`spiffe://prod.example.com/${'a'.repeat(2048)}`, 'longer'],
  ])('refuses %.60s', (text, because) => {
    expect(parseSpiffeId(text)).toMatchObject({ ok: false, because: expect.stringContaining(because) });
  });
});

describe('times in words', () => {
  it.each([
    [0, '0 s'],
    [59_000, '59 s'],
    [-61_000, '1 min 1 s'],
    [4_800_000, '1 h 20 min'],
    [86_400_000 * 3 + 60_000, '3 d'],
  ])('%d ms are %s', (length, words) => {
    expect(span(length)).toBe(words);
  });

  it('does not fail on a time that is none', () => {
    expect(utc(Number.NaN)).toBe('an impossible time');
    expect(utc(Date.UTC(2026, 10, 22, 3))).toBe('2026-11-22T03:00:00Z');
  });
});
