import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/evidence/json.ts';
import { redactObjects, reduceEarly } from '../../src/evidence/redact/index.ts';
import { maskSecrets } from '../../src/evidence/redact/key-material.ts';

const AT = '2026-11-22T03:00:00Z';

function podWith(value: string, name = 'haproxy-0'): JsonObject {
  const container = { name: 'haproxy', image: 'haproxy:3.2', args: [value], env: [{ name: 'A', value: 'unread' }] };
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'haptic', selfLink: '/unread' },
    spec: { containers: [container] },
  };
}

it.each([
  ['nothing that is secret', '-f /etc/haproxy/haproxy.cfg'],
  ['a password', '--password=correct-horse-battery'],
])('a pod with %s passes early as it passes at the end', (_, argument) => {
  const raw = { object: podWith(argument), at: AT };
  expect(redactObjects([reduceEarly(raw)])).toEqual(redactObjects([{ ...raw }]));
});

it('what nobody reads is gone at once', () => {
  const early = JSON.stringify(reduceEarly({ object: podWith('-W'), at: AT }));
  expect(early).not.toContain('unread');
  expect(early).toContain('-W');
});

it('a text that would be lost stays until what was lost is told', () => {
  const raw = { object: podWith('--password=correct-horse-battery'), at: AT };
  expect(reduceEarly(raw)).toBe(raw);
  const { objects, redactions } = redactObjects([reduceEarly(raw)]);
  expect(JSON.stringify(objects)).not.toContain('correct-horse');
  expect(redactions.map(({ field }) => field)).toContain('spec.containers[0].args[0]');
});

it('a ConfigMap waits for those who mount it', () => {
  const raw = { object: { kind: 'ConfigMap', metadata: { name: 'c' }, data: { 'helper.conf': 'a = 1' } }, at: AT };
  expect(reduceEarly(raw)).toBe(raw);
});

it('a secret is found again among thousands of other texts', () => {
  const secret = 'token=abcdefgh12345';
  const first = maskSecrets(secret);
  for (let count = 0; count < 5000; count += 1) expect(maskSecrets(`harmless ${count}`).reason).toBeUndefined();
  expect(maskSecrets(secret)).toEqual(first);
  expect(first.reason).toBe('credential');
});
