import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { StandardInput } from '../../src/doctor/check.ts';
import { finishFix } from '../../src/doctor/finish-fix.ts';
import type { ReportFix } from '../../src/doctor/report.ts';
import { type JsonObject, textsAt } from '../../src/evidence/json.ts';
import { World } from '../../src/evidence/world.ts';
import { renderText } from '../../src/report/text.ts';
import { presence, requirements } from '../probe/requirements.ts';
import { report } from '../report/reports.ts';
import { buildCase } from '../scenario/build.ts';
import { runPasted } from './pasted.ts';

const CULPRIT = { kind: 'ConfigMap', namespace: 'haptic', name: 'validation-placeholder' };
const world = new World(await buildCase({ source: 'live', complete: true, change: [] }));
const openssl = requirements(['openssl']);

function fixWith(stdin: StandardInput, args: readonly string[] = ['apply', '-f', '-']): ReportFix {
  return finishFix({ summary: 'Make it.', impact: 'none', commands: [{ args, stdin }] }, CULPRIT, world, 'prod');
}

describe('a document that a command carries', () => {
  it.each<[string, JsonObject]>([
    ['a CSIDriver', { apiVersion: 'storage.k8s.io/v1', spec: { attachRequired: false, modes: ['Ephemeral'], n: 3 } }],
    ['what a shell would expand', { a: '$(touch pwned)', b: '`touch pwned`', c: '$HOME $((1)) \\$x', d: 'it\'s "so"' }],
    ['the end of the here-document', { EOF: 'EOF', text: 'a\nEOF\nkubectl delete pod x\n', EOF_: ['EOF'] }],
    ['text that YAML reads as something else', { a: 'yes', b: '1e3', c: '', d: ' x ', e: '# no comment', f: '- g: h' }],
    ['a text of several lines', { data: { conf: 'a {\n  b = "c"\n\n}\n', bare: 'a\nb', deep: [{ x: '# a\nEOF\n' }] } }],
    ['lines and blanks at the ends', { a: '\na\n', b: 'a\n\n', c: ' a\nb', d: 'a\nb ', e: 'a \nb' }],
    ['lines and tabs', { text: 'one\n\ttwo' }],
  ])('reaches kubectl as it was meant: %s', (_name, document) => {
    const { commands, manual } = fixWith({ document });
    expect(manual).toBeUndefined();
    const { calls, made, complaints } = runPasted(commands);
    expect(calls.map(({ words }) => words)).toEqual([['--context', 'prod', '-n', 'haptic', 'apply', '-f', '-']]);
    expect(parse(calls[0]?.input ?? '')).toEqual(document);
    expect([made, complaints]).toEqual([[], '']);
  });

  it.each(['bell\u0007', 'right-to-left\u202e', 'half\ud800', 'zero\u200bwidth'])(
    'is no command when it holds what does not show: %j',
    (hidden) => {
      for (const document of [{ a: hidden }, { [hidden]: 'a' }, { list: [{ deep: hidden }] }]) {
        expect(fixWith({ document })).toMatchObject({
          commands: [],
          manual: expect.stringContaining('control characters'),
        });
      }
    },
  );

  it('is not printed for files, whose fix is an edit', async () => {
    const files = new World(await buildCase({ source: 'files', complete: true, change: [] }));
    const fix = { summary: 'Make it.', impact: 'none', commands: [{ args: ['apply', '-f', '-'] }] } as const;
    expect(finishFix(fix, CULPRIT, files, undefined).commands).toEqual([]);
  });

  it('stands at the margin of the text report, so that what is copied ends where it should', () => {
    const fix = fixWith({ document: { kind: 'CSIDriver', text: 'a\nEOF\nb' } });
    const cause = {
      check: 'csi-socket-name',
      message: 'driver-missing',
      severity: 'fail',
      phase: 'active',
      certainty: 'proven',
      unseenUpstream: [],
      culprit: CULPRIT,
      subjects: [],
      affected: { n: 1, of: 1 },
      text: 'It is not there.',
      evidence: [],
      fix,
      avoid: [],
      docs: '',
      guide: '',
    } as const;
    const text = renderText(report({ rootCauses: [cause] }), {
      width: 40,
      color: true,
      unicode: false,
      wide: false,
      quiet: false,
      showOk: false,
      titles: new Map(),
    });
    expect(text).toContain(`\n\n${fix.commands[0]}\n\n`);
  });
});

describe.skipIf(openssl.missing.length > 0 && !openssl.mustNotSkip)(
  `a dummy certificate that is made where the command is typed${presence(openssl.missing)}`,
  () => {
    const dummyPem = {
      'svid.pem': 'certificate',
      'svid.pem.key': 'key',
      'bundle.pem': 'certificate',
      both: 'certificate-and-key',
    } as const;

    it('gives each key its part of one pair, beside what the document says', () => {
      const { commands } = fixWith({
        document: { kind: 'ConfigMap', metadata: { name: "it's" }, data: { note: 'a: b' } },
        dummyPem,
      });
      const { calls, made, complaints } = runPasted(commands);
      const { data, ...rest } = parse(calls[0]?.input ?? '') as JsonObject;
      const parts = textsAt(data);
      const key = createPrivateKey(parts['svid.pem.key'] ?? '');
      expect(rest).toEqual({ kind: 'ConfigMap', metadata: { name: "it's" } });
      expect(new X509Certificate(parts['svid.pem'] ?? '').checkPrivateKey(key)).toBe(true);
      expect(parts['bundle.pem']).toBe(parts['svid.pem']);
      expect(parts.both).toBe(`${parts['svid.pem.key']}${parts['svid.pem']}`);
      expect(parts.note).toBe('a: b');
      expect([made, complaints, calls.length]).toEqual([[], '', 1]);
    });

    it('has no private key in any command line, nor in the printed command', () => {
      const { commands } = fixWith({ document: {}, dummyPem }, [
        'patch',
        'configmap/x',
        '--type=merge',
        '--patch-file=/dev/stdin',
      ]);
      const { calls } = runPasted(commands);
      expect(calls[0]?.words).toContain('--patch-file=/dev/stdin');
      expect(JSON.stringify([commands, calls.map(({ words }) => words)])).not.toContain('-----BEGIN');
    });
  },
);

describe('a dummy certificate', () => {
  it('changes nothing where openssl is not installed', () => {
    const { commands } = fixWith({ document: {}, dummyPem: { 'svid.pem': 'certificate' } });
    expect(runPasted(commands, { openssl: 'missing' }).calls).toEqual([]);
  });
});
