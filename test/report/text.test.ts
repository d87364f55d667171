import { describe, expect, it } from 'vitest';
import { renderText, type TextOptions } from '../../src/report/text.ts';
import { HIDDEN, HOSTILE, poison } from './hostile.ts';
import { BROKEN_FILES, HEALTHY, HUNDRED_PODS, pod, report, result, WRONG_SOCKET } from './reports.ts';

const OPTIONS: TextOptions = {
  width: 80,
  color: false,
  unicode: true,
  wide: false,
  quiet: false,
  showOk: false,
  titles: new Map([['cert-loaded', 'HAProxy uses the newest SVID']]),
};

/** Lines that may be as long as they are: what is copied must stay whole. */
const COPIED = /kubectl |https?:\/\/|apiGroups|^\s+[-+] /;

describe('the text report', () => {
  it.each([
    ['wrong-socket', WRONG_SOCKET, {}],
    ['healthy', HEALTHY, { showOk: true }],
    ['hundred-pods', HUNDRED_PODS, {}],
    ['files', BROKEN_FILES, { unicode: false }],
    ['wide', WRONG_SOCKET, { wide: true, width: 120 }],
    ['quiet', WRONG_SOCKET, { quiet: true, color: true }],
  ] as const)('looks as agreed: %s', async (name, source, options) => {
    await expect(renderText(source, { ...OPTIONS, ...options })).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each([WRONG_SOCKET, HEALTHY, HUNDRED_PODS, BROKEN_FILES])('fits 80 columns but for what is copied', (source) => {
    const long = renderText(source, OPTIONS)
      .split('\n')
      .filter((line) => line.length > 80 && !COPIED.test(line));
    expect(long).toEqual([]);
  });

  it('prints every command on one line of its own, unchanged, at any width', () => {
    const commands = WRONG_SOCKET.rootCauses.flatMap((cause) => cause.fix?.commands ?? []);
    const lines = renderText(WRONG_SOCKET, { ...OPTIONS, width: 40 })
      .split('\n')
      .map((line) => line.trim());
    for (const command of commands) expect(lines).toContain(command);
  });

  it('says what is healthy and what was not looked at', () => {
    const [verdict] = renderText(HEALTHY, { ...OPTIONS, width: 200 }).split('\n');
    expect(verdict).toBe(
      'Healthy: certificates are in place on 2 HAProxy pods until 2026-11-22 03:40 UTC; traffic to backends was not tested.',
    );
  });

  it('calls files consistent, never healthy', () => {
    const files = report({ metadata: BROKEN_FILES.metadata, results: [result('helper-image-tag', pod(0), 'ok')] });
    const text = renderText(files, OPTIONS);
    expect(text).toContain('These files are consistent');
    expect(text).not.toMatch(/healthy/i);
  });

  it('says since when it is broken once the outage has begun', () => {
    const outage = {
      state: 'known',
      at: '2026-11-22T02:30:00Z',
      seconds: -1800,
      because: 'the SVID ended',
      subject: pod(0),
    } as const;
    expect(renderText({ ...WRONG_SOCKET, timeToOutage: outage }, OPTIONS)).toContain(
      'Broken since 2026-11-22 02:30 UTC: the SVID ended',
    );
  });

  it('advises --no-exec before it asks for pods/exec', () => {
    const text = renderText(WRONG_SOCKET, OPTIONS);
    const advice = text.indexOf('Try --no-exec first');
    expect(advice).toBeGreaterThan(0);
    expect(text.indexOf('Ask for   create pods/exec in namespace haptic')).toBeGreaterThan(advice);
    expect(text.match(/Ask for/g)).toHaveLength(1);
  });

  it('lists a cause that stands below another one', () => {
    const below = {
      ...WRONG_SOCKET,
      results: [
        ...WRONG_SOCKET.results,
        result('controller-placeholder', { kind: 'Pod', namespace: 'haptic', name: 'haptic-controller-0' }, 'fail', {
          stage: 'controller' as const,
          findings: [
            {
              message: 'key-missing',
              severity: 'fail' as const,
              phase: 'active' as const,
              text: 'The placeholder has no key.',
              data: {},
              culprit: { kind: 'ConfigMap', namespace: 'haptic', name: 'certs' },
              evidence: [],
              avoid: [],
              docs: '',
              guide: '',
            },
          ],
        }),
      ],
    };
    const text = renderText(below, OPTIONS);
    expect(text).toContain('Wrong as well, further on\n2. FAIL  controller-placeholder/key-missing');
    expect(renderText(WRONG_SOCKET, OPTIONS)).not.toContain('Wrong as well');
  });

  it('shows a crash, and who is to blame for it, even when quiet', () => {
    const crashed = report({ results: [result('svid-valid', pod(0), 'crashed', { detail: 'TypeError' })] });
    expect(renderText(crashed, { ...OPTIONS, quiet: true })).toContain(
      'svid-valid: a defect of this check, not of the installation: TypeError',
    );
  });

  it('marks checks that were judged only because others depend on them', () => {
    const ancestors = report({
      results: [result('svid-issued', pod(0), 'ok', { selected: false }), result('svid-valid', pod(0), 'ok')],
    });
    const text = renderText(ancestors, OPTIONS);
    expect(text).toContain('svid-issued *');
    expect(text).toContain('1 check: 1 ok.');
  });

  it('writes nothing but ASCII where that is all the terminal has, except in what is copied', () => {
    const text = renderText(poison(WRONG_SOCKET, ' größer “x” 東京'), { ...OPTIONS, unicode: false });
    expect(text.split('\n').filter((line) => /\P{ASCII}/u.test(line) && !COPIED.test(line))).toEqual([]);
    expect(text).toContain('gr\\xf6\\xdfer');
  });

  it.each(HOSTILE)('hides nothing and obeys nothing that comes from the cluster: %j', (poisonous) => {
    for (const source of [WRONG_SOCKET, HEALTHY, BROKEN_FILES, HUNDRED_PODS]) {
      const text = renderText(poison(source, poisonous), { ...OPTIONS, wide: true, showOk: true });
      expect(text.split('\n').filter((line) => HIDDEN.test(line))).toEqual([]);
      expect(text).not.toMatch(/^Healthy: all is well/m);
    }
  });
});
