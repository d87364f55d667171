import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogLines } from '../../src/evidence/logs/log-lines.ts';
import { readPushes } from '../../src/evidence/reloader/pushes.ts';

const SVID = '/etc/haproxy/spiffe/svid.pem';
const BUNDLE = '/etc/haproxy/spiffe/bundle.pem';
const UPDATED = 'cert-reloader: certificates updated via runtime API at 2026-11-22T02:40:06+00:00';

function pushesOf(...lines: readonly string[]) {
  const text = lines.map((line, index) => `2026-11-22T02:40:${String(index).padStart(2, '0')}Z ${line}`).join('\n');
  return readPushes(readLogLines(text), BUNDLE);
}

const COMMITTED = [
  `Transaction created for certificate ${SVID}!`,
  `Committing ${SVID}....`,
  'Success!',
  `transaction created for CA ${BUNDLE}!`,
  `Committing ${BUNDLE}....`,
  'Success!',
  UPDATED,
];

describe('readPushes', () => {
  it('takes a push for good when HAProxy says Success! to both commits', () => {
    expect(pushesOf('cert-reloader: polling for cert changes', ...COMMITTED).lastPush).toEqual({
      at: Date.parse('2026-11-22T02:40:07Z'),
      certificate: 'committed',
      ca: 'committed',
      errors: [],
    });
  });

  it('does not believe the script where HAProxy refused the commit', () => {
    const { lastPush } = pushesOf(
      `Transaction created for certificate ${SVID}!`,
      `inconsistencies between private key and certificate loaded '${SVID}'.`,
      `Can't commit ${SVID}!`,
      ...COMMITTED.slice(3),
    );
    expect(lastPush).toMatchObject({ certificate: 'failed', ca: 'committed' });
    expect(lastPush?.errors).toEqual([
      `inconsistencies between private key and certificate loaded '${SVID}'.`,
      `Can't commit ${SVID}!`,
    ]);
  });

  it('tells a CA file that was too big from the certificate that was committed before it', () => {
    const { lastPush } = pushesOf(
      ...COMMITTED.slice(0, 3),
      'No ongoing transaction! !',
      `Can't commit ${BUNDLE}!`,
      UPDATED,
    );
    expect(lastPush).toMatchObject({ certificate: 'committed', ca: 'failed' });
  });

  it('knows that a commit without dots rebuilt nothing', () => {
    const { lastPush } = pushesOf(
      `Transaction created for certificate ${SVID}!`,
      `Committing ${SVID}`,
      'Success!',
      UPDATED,
    );
    expect(lastPush).toMatchObject({ certificate: 'no-effect', ca: 'not-tried' });
  });

  it('reads a transaction about another file as a failure', () => {
    const { lastPush } = pushesOf(
      `The ongoing transaction is about '/other.pem' but you are trying to set '${SVID}'`,
      `Can't commit ${SVID}!`,
      UPDATED,
    );
    expect(lastPush?.certificate).toBe('failed');
  });

  it('reads a refused socket as a failure', () => {
    expect(
      pushesOf('socat[9] E connect(5, AF=1 "/x.sock", 8): Connection refused', UPDATED).lastPush?.certificate,
    ).toBe('failed');
  });

  it('lets a later good push stand instead of an earlier failure', () => {
    expect(pushesOf(`Can't commit ${SVID}!`, UPDATED, ...COMMITTED).lastPush).toMatchObject({
      certificate: 'committed',
      errors: [],
    });
  });

  it('keeps the last skipped update', () => {
    expect(pushesOf('cert-reloader: cert not loaded in HAProxy, skipping runtime update').lastSkip?.at).toBe(
      Date.parse('2026-11-22T02:40:00Z'),
    );
  });

  it('says nothing about a log without pushes', () => {
    expect(pushesOf('cert-reloader: polling for cert changes')).toEqual({});
  });

  it('never throws on any log', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...COMMITTED))), (lines) => {
        const { lastPush } = pushesOf(...lines);
        expect(lastPush === undefined || Number.isFinite(lastPush.at)).toBe(true);
      }),
    );
  });
});

const recordings = join(import.meta.dirname, '../../../shared/facts/haproxy');
describe.skipIf(!existsSync(recordings))('recorded answers to pushes (skipped where ../shared is missing)', () => {
  const answer = (version: string, name: string) =>
    readFileSync(join(recordings, version, `${name}.txt`), 'utf8').split('\n');
  const versions = existsSync(recordings)
    ? readdirSync(recordings).filter((name) => existsSync(join(recordings, name, '40-set-ssl-cert-ok.txt')))
    : [];

  it.each(versions)('reads the commits that HAProxy %s accepted and refused', (version) => {
    const good = pushesOf(
      ...answer(version, '40-set-ssl-cert-ok'),
      ...answer(version, '42-commit-ssl-cert-ok'),
      UPDATED,
    );
    expect(good.lastPush?.certificate).toBe('committed');
    const mismatch = pushesOf(
      ...answer(version, '44-set-mismatching-key'),
      ...answer(version, '44-commit-after-mismatching-key'),
      UPDATED,
    );
    expect(mismatch.lastPush?.certificate).toBe('failed');
    const garbage = pushesOf(
      ...answer(version, '45-set-garbage'),
      ...answer(version, '45-commit-after-garbage'),
      UPDATED,
    );
    expect(garbage.lastPush?.certificate).toBe('failed');
    const ca = pushesOf(
      ...answer(version, '50-set-ssl-ca-file-ok'),
      ...answer(version, '51-commit-ssl-ca-file-ok'),
      UPDATED,
    );
    expect(ca.lastPush).toMatchObject({ certificate: 'not-tried', ca: 'committed' });
    const idle = pushesOf(...answer(version, '59b-set-ca-file'), ...answer(version, '59b-commit-ca-file'), UPDATED);
    expect(idle.lastPush?.ca).toBe('no-effect');
  });

  it('does not take a file that is still awaited for an update that HAProxy refused', () => {
    expect(pushesOf('sha256sum: /etc/haproxy/spiffe/svid.pem: No such file or directory').lastPush).toBeUndefined();
  });
});
