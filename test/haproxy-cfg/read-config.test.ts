import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberedLines, plainLines } from '../../src/evidence/haproxy-cfg/config-lines.ts';
import { readConfig } from '../../src/evidence/haproxy-cfg/read-config.ts';

function read(text: string) {
  return readConfig(plainLines(text));
}

function firstServer(text: string) {
  const server = read(text).backends[0]?.servers[0];
  expect(server).toBeDefined();
  return server;
}

describe('readConfig', () => {
  it('merges default-server lines in order and lets the server line win', () => {
    const server = firstServer(`
backend shop_api
  default-server check ssl verify none ca-file /a.pem
  default-server verify required crt /svid.pem sni str(api.shop.svc)
  server SRV_1 10.0.0.1:8443 ca-file /b.pem enabled
`);
    expect(server).toEqual({
      name: 'SRV_1',
      address: '10.0.0.1:8443',
      line: 5,
      disabled: false,
      tls: { ssl: true, check: true, verify: 'required', caFile: '/b.pem', crt: '/svid.pem', sni: 'str(api.shop.svc)' },
    });
  });

  it('applies a default-server line only to the servers after it', () => {
    const { backends } = read(
      'backend b\n server one 10.0.0.1:80\n default-server ssl verify none\n server two 10.0.0.2:80\n',
    );
    expect(backends[0]?.servers.map((server) => server.tls.ssl)).toEqual([false, true]);
    expect(backends[0]?.defaults.ssl).toBe(true);
    expect(backends[0]?.defaultLine).toBe(3);
  });

  it('takes ssl back where no-ssl follows', () => {
    expect(firstServer('backend b\n default-server ssl\n server s 10.0.0.1:80 no-ssl\n')?.tls.ssl).toBe(false);
  });

  it('does not mistake the value of another keyword for a TLS keyword', () => {
    const tls = firstServer('backend b\n server s 10.0.0.1:80 cookie ssl namespace check sni ssl_fc_sni\n')?.tls;
    expect(tls).toEqual({ ssl: false, check: false, sni: 'ssl_fc_sni' });
  });

  it('inherits mode, httpchk and default-server from the defaults section in force, or from the one it names', () => {
    const { backends } = read(`
defaults plain
  mode tcp
defaults web
  mode http
  option httpchk
  default-server ssl verify required
listen one
  bind :9000
  no option httpchk
  server s 10.0.0.1:80
backend two from plain
  server s 10.0.0.1:80
`);
    expect(backends.map(({ name, mode, httpCheck }) => ({ name, mode, httpCheck }))).toEqual([
      { name: 'one', mode: 'http', httpCheck: false },
      { name: 'two', mode: 'tcp', httpCheck: false },
    ]);
    expect(backends.map(({ defaults }) => defaults.ssl)).toEqual([true, false]);
  });

  it('names files below crt-base and ca-base as HAProxy does', () => {
    const tls = firstServer(
      'global\n crt-base /etc/haproxy/spiffe\n ca-base certs\nbackend b\n server s 10.0.0.1:80 ssl crt svid.pem ca-file bundle.pem\n',
    )?.tls;
    expect(tls).toMatchObject({ crt: '/etc/haproxy/spiffe/svid.pem', caFile: 'certs/bundle.pem' });
    expect(firstServer('global\n crt-base /x\nbackend b\n server s 10.0.0.1:80 crt @spiffe/svid\n')?.tls.crt).toBe(
      '@spiffe/svid',
    );
  });

  it('knows that ssl-server-verify none turns verification off where a server does not ask for it', () => {
    const config = 'global\n ssl-server-verify none\nbackend b\n server s 10.0.0.1:80 ssl\n';
    expect(firstServer(config)?.tls.verify).toBe('none');
    expect(firstServer(`${config.trimEnd()} verify required\n`)?.tls.verify).toBe('required');
  });

  it('reads the global settings that decide about keys and payloads', () => {
    const { global } = read('global\n daemon\n ssl-load-extra-files none\n tune.bufsize 65536\n');
    expect(global).toEqual({ daemon: true, loadExtraFiles: 'none', bufferSize: 65_536 });
  });

  it('does not take the servers of peers, rings and resolvers for those of the backend before them', () => {
    const { backends } = read(
      'backend b\n server s 10.0.0.1:80 ssl\npeers local\n server me 10.0.0.9:10000\nring r\n server t 10.0.0.9:514\n',
    );
    expect(backends.map(({ servers }) => servers.length)).toEqual([1]);
  });

  it('spells out the ports of binds and leaves sockets out', () => {
    const { binds } = read(
      'frontend f\n bind *:8080,[::]:8443\n bind 127.0.0.1:9000-9002 ssl\n bind unix@/run/x.sock\n bind quic4@:443\n',
    );
    expect(binds).toEqual([
      { address: '*', port: 8080, line: 2 },
      { address: '[::]', port: 8443, line: 2 },
      { address: '127.0.0.1', port: 9000, line: 3 },
      { address: '127.0.0.1', port: 9001, line: 3 },
      { address: '127.0.0.1', port: 9002, line: 3 },
      { address: '', port: 443, line: 5 },
    ]);
  });

  it('reads server-template lines and disabled slots', () => {
    const { backends } = read(
      'backend b\n server SRV_1 127.0.0.1:1 disabled\n server-template t 1-3 api.shop.svc:443 ssl\n',
    );
    expect(backends[0]?.servers).toMatchObject([
      { name: 'SRV_1', disabled: true, tls: { ssl: false } },
      { name: 't', address: 'api.shop.svc:443', disabled: false, tls: { ssl: true } },
    ]);
  });

  it('keeps the line numbers of the original in numbered lines', () => {
    const { backends } = readConfig(numberedLines('12:backend b\n13: server s 10.0.0.1:80 ssl\nnot numbered\n'));
    expect(backends[0]).toMatchObject({ line: 12, servers: [{ line: 13, tls: { ssl: true } }] });
  });

  it('never throws, and names lines that exist, whatever the text', () => {
    const word = fc.constantFrom(
      'backend',
      'listen',
      'defaults',
      'from',
      'server',
      'default-server',
      'bind',
      'ssl',
      'verify',
      'none',
      'crt',
      'ca-file',
      'sni',
      '*:1-99999',
      '"',
      "'",
      '\\',
      '#',
      '__proto__',
      'constructor',
      'global',
      'x',
    );
    const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const parsed = read(lines.join('\n'));
        for (const backend of parsed.backends) {
          for (const { line: at } of [backend, ...backend.servers]) {
            expect(at).toBeGreaterThanOrEqual(1);
            expect(at).toBeLessThanOrEqual(lines.length);
          }
        }
      }),
    );
  });
});

const recordings = join(import.meta.dirname, '../../../shared/facts/haproxy');
describe.skipIf(!existsSync(recordings))('recorded configurations (skipped where ../shared is missing)', () => {
  it('reads the TLS keywords of every recorded backend', () => {
    let seen = 0;
    for (const version of readdirSync(recordings)) {
      const file = join(recordings, version, '90-config-names.cfg');
      if (!existsSync(file)) continue;
      const { backends } = read(readFileSync(file, 'utf8'));
      const crtOf = (name: string) => backends.find((backend) => backend.name === name)?.servers[0]?.tls.crt;
      expect(crtOf('abs')).toBe('/etc/haproxy/spiffe/svid.pem');
      expect(crtOf('rel-crt-base')).toBe('/etc/haproxy/spiffe/svid.pem');
      expect(crtOf('space')).toBe('/etc/haproxy/spiffe/my svid.pem');
      expect(crtOf('dots')).toBe('/etc/haproxy/spiffe/../spiffe/svid.pem');
      expect(backends.find((backend) => backend.name === 'noservers')?.defaults.crt).toBe(
        '/etc/haproxy/spiffe/noservers.pem',
      );
      expect(crtOf('nocrt')).toBeUndefined();
      seen += 1;
    }
    expect(seen).toBeGreaterThan(0);
  });
});
