import { describe, expect, it } from 'vitest';
import type { RootCause } from '../../src/doctor/report.ts';
import { renderText, type TextOptions } from '../../src/report/text.ts';
import { pod, report, result, WRONG_SOCKET } from './reports.ts';

const OPTIONS: TextOptions = {
  width: 120,
  color: false,
  unicode: true,
  wide: false,
  quiet: false,
  showOk: false,
  titles: new Map(),
};

const reload = (number: number) => `kubectl -n haptic exec haptic-haproxy-${number} -c haproxy -- true`;

/** The same fault in so many pods, each of which is its own culprit. */
function stuckIn(count: number) {
  const [model] = WRONG_SOCKET.rootCauses;
  if (model?.fix === undefined) throw new Error('the model has no fix');
  const { fix } = model;
  const causes = Array.from(
    { length: count },
    (_, number): RootCause => ({
      ...model,
      check: 'cert-loaded',
      message: 'missed-rotation',
      culprit: pod(number),
      subjects: [pod(number)],
      affected: { n: 1, of: count },
      fix: { ...fix, commands: [reload(number)] },
    }),
  );
  return report({
    verdict: 'broken',
    exitCode: 1,
    rootCauses: causes,
    results: causes.map((_, number) => result('cert-loaded', pod(number), 'fail', { stage: 'haproxy' })),
  });
}

describe('one fault in many pods', () => {
  it('is told once, with how many it affects and the command for the first', () => {
    const text = renderText(stuckIn(100), OPTIONS);
    expect(text).toContain('the first broken link is cert-loaded, on 100 of 100 pods.');
    expect(text.match(/cert-loaded\/missed-rotation/g)).toHaveLength(1);
    expect(text).toContain('Pod haptic/haptic-haproxy-0, which is shown here, and the same in 99 more');
    expect(text).toContain(`${reload(0)}\n      and the same for the others: 99 more (-o wide)\n`);
    expect(text.split('\n').length).toBeLessThan(60);
  });

  it('has every command under -o wide', () => {
    const lines = renderText(stuckIn(100), { ...OPTIONS, wide: true }).split('\n');
    for (let number = 0; number < 100; number++) expect(lines).toContain(`      ${reload(number)}`);
  });

  it('is told for each while these are few', () => {
    const text = renderText(stuckIn(3), OPTIONS);
    expect(text.match(/cert-loaded\/missed-rotation/g)).toHaveLength(3);
    expect(text).toContain('on 1 of 3 pods; 2 more root causes.');
  });
});

describe('the verdict', () => {
  const first = (source: Parameters<typeof renderText>[0]) =>
    renderText(source, { ...OPTIONS, width: 200 }).split('\n')[0];

  it('claims no certificate that no check looked at', () => {
    const image = report({ results: [0, 1].map((number) => result('helper-image-tag', pod(number), 'ok')) });
    expect(first(image)).toBe(
      'Healthy: 1 check found nothing that is broken; whether certificates are in place was not looked at.',
    );
  });

  it('counts pods whose certificate was seen on disk and in memory', () => {
    const results = [
      result('svid-valid', pod(0), 'ok', { stage: 'identity' }),
      result('cert-loaded', pod(0), 'ok', { stage: 'haproxy' }),
      result('svid-valid', pod(1), 'ok', { stage: 'identity' }),
      result('cert-loaded', pod(1), 'skipped', { stage: 'haproxy', why: 'node-not-ready' }),
    ];
    expect(first(report({ results }))).toBe(
      'Healthy: certificates are in place on 1 HAProxy pod; traffic to backends was not tested.',
    );
  });

  it('does not say of a warning that traffic works', () => {
    const [cause] = WRONG_SOCKET.rootCauses;
    if (cause === undefined) throw new Error('there is no cause to warn of');
    const warned = report({
      verdict: 'degraded',
      rootCauses: [{ ...cause, severity: 'warn' }],
      results: [
        result('svid-valid', pod(0), 'warn', { stage: 'identity' }),
        result('cert-loaded', pod(0), 'ok', { stage: 'haproxy' }),
      ],
    });
    expect(first(warned)).toBe(
      'Degraded, with 1 warning: certificates are in place on 1 HAProxy pod; traffic to backends was not tested.',
    );
  });
});
