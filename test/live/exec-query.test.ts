import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeCommand } from '../../src/evidence/probe/command.ts';
import { execQuery } from '../../src/sources/live/exec-query.ts';

test('words of any text arrive as they are, also through a URL', () => {
  const word = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'%24+&=;# $()/?\n"') }));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const url = new URL(`https://api.example/exec?${execQuery('haproxy', words)}`);
      expect(url.searchParams.getAll('command')).toEqual(words);
      expect(url.searchParams.get('container')).toBe('haproxy');
      expect(url.hash).toBe('');
    }),
  );
});

test('the probe leaves headers 3 of the 16 KiB that proxies give to them and the request line together', () => {
  const paths = {
    socket: '/etc/haproxy/haproxy-master.sock',
    directory: '/etc/haproxy/spiffe',
    svid: '/etc/haproxy/spiffe/svid.pem',
    key: '/etc/haproxy/spiffe/svid.pem.key',
    bundle: '/etc/haproxy/spiffe/bundle.pem',
    config: '/etc/haproxy/haproxy.cfg',
  };
  const query = execQuery('haproxy', probeCommand(paths, 'b'.repeat(32)));
  const { href } = new URL(`https://api.example/api/v1/namespaces/haptic/pods/haptic-haproxy-0/exec?${query}`);
  expect(href.length).toBeLessThan(13 * 1024);
});
