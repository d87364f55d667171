import type { Finding } from '../../src/doctor/check.ts';
import { parseHelperConfig } from '../../src/evidence/helper-config/parse.ts';
import { applyEdits, editBetween, withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import { dig, textAt } from '../../src/evidence/json.ts';
import { patchTo } from './fix.ts';
import type { SourcedScene } from './scene.ts';

/**
 * Every finding's patch sets the whole text. When several findings are about one text, each patch makes all their
 * changes, so that the second one typed doesn't take the first one back.
 */
export function combine(scene: SourcedScene, findings: readonly Finding[]): readonly Finding[] {
  const base = withoutMaskedComments(scene.source.text);
  const texts = new Set(findings.flatMap((finding) => patchedText(scene, finding) ?? []));
  if (texts.size < 2) return findings;
  const edits = [...texts].flatMap((text) => editBetween(base, text) ?? []);
  const whole = applyEdits(base, edits);
  if (whole === undefined || !parseHelperConfig(whole, scene.release).ok) return findings;
  return findings.map((finding) => {
    if (!finding.fix || patchedText(scene, finding) === undefined) return finding;
    const { patch, commands } = patchTo(scene, whole);
    return {
      ...finding,
      fix: { ...finding.fix, patch, commands: [...commands, ...(finding.fix.commands ?? []).slice(1)] },
    };
  });
}

function patchedText({ source }: SourcedScene, { fix }: Finding): string | undefined {
  return fix?.patch?.type === 'merge' ? textAt(dig(fix.patch.body, 'data', source.key)) : undefined;
}
