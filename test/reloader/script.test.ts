import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReloaderScript } from '../../src/evidence/reloader/script.ts';
import { GUIDE_SCRIPT } from './guide-script.ts';

function read(script: string) {
  return readReloaderScript(['sh', '-c', script]);
}

describe('readReloaderScript', () => {
  it('finds paths, socket, routing and the race of the polling script', () => {
    expect(read(GUIDE_SCRIPT)).toEqual({
      certificate: '/etc/haproxy/spiffe/svid.pem',
      key: '/etc/haproxy/spiffe/svid.pem.key',
      bundle: '/etc/haproxy/spiffe/bundle.pem',
      socket: '/etc/haproxy/haproxy-master.sock',
      routesToWorker: true,
      baselineRace: true,
      checksAnswers: false,
      pushesCa: true,
    });
  });

  it('sees that commands without @1 stay with the master', () => {
    expect(read(GUIDE_SCRIPT.replaceAll('@1 ', '')).routesToWorker).toBe(false);
    expect(read(GUIDE_SCRIPT.replace('"@1 commit ssl cert', '"commit ssl cert')).routesToWorker).toBe(false);
  });

  it('sees that a command after a semicolon stays with the master', () => {
    expect(read(`echo "@1 abort ssl cert $C; commit ssl cert $C" | socat - unix-connect:/s.sock`).routesToWorker).toBe(
      false,
    );
  });

  it('believes a function that routes what it is given', () => {
    const script = `ask() { printf '@1 %s\\n' "$1" | socat -t5 - unix-connect:"$SOCK"; }\nask "set ssl cert $CERT <<"\nask "commit ssl cert $CERT" | grep -q Success`;
    expect(read(script)).toMatchObject({ routesToWorker: true, checksAnswers: true, baselineRace: false });
  });

  it('ends the socket where the shell ends the word', () => {
    expect(read('echo "@1 show ssl cert /c" | socat - unix-connect:/run/master.sock; done').socket).toBe(
      '/run/master.sock',
    );
  });

  it('leaves out what only the running shell knows', () => {
    const script = read(`CERT=$(ls /certs | head -1)\necho "@1 set ssl cert $CERT <<" | socat - "unix-connect:$1"`);
    expect(script.certificate).toBeUndefined();
    expect(script.socket).toBeUndefined();
  });

  it('reads quoted values, and sockets that socat is given as a bare path', () => {
    const script = read(`C="/a/svid.pem"\nprintf "@1 set ssl cert \${C} <<" | socat stdio /run/haproxy.sock`);
    expect(script).toMatchObject({ certificate: '/a/svid.pem', socket: '/run/haproxy.sock', pushesCa: false });
  });

  it('never throws and is quick on any text', () => {
    const piece = fc.constantFrom(
      '@1 ',
      'set ssl cert ',
      '$A',
      'A=',
      '"',
      "'",
      '[ -z ',
      '\n',
      ';',
      'socat ',
      'unix:',
      '/',
      ' ',
      '$(',
      'continue',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 400 }), (pieces) => {
        expect(typeof read(pieces.join('')).routesToWorker).toBe('boolean');
      }),
    );
    const started = performance.now();
    read('set ssl cert '.repeat(20_000));
    read(`[ -z "$A" ] ${' '.repeat(60_000)}`);
    read(`socat ${'a '.repeat(30_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
