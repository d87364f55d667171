import type { Finding } from '../../src/doctor/check.ts';
import type { ParsedHelperConfig } from '../../src/evidence/facts/helpers.ts';
import { repairSyntax } from '../../src/evidence/helper-config/repair.ts';
import { verified } from '../../src/evidence/helper-config/rewrite.ts';
import { BOOLEAN_KEYS } from '../../src/evidence/helper-config/schema.ts';
import { textFix } from './fix.ts';
import { withPlainValue } from './plain-values.ts';
import { type SourcedScene, textFinding } from './scene.ts';

type Failure = ParsedHelperConfig & { readonly ok: false };

const LONGEST_ERROR = 300;

/** The text does not parse, or its values don't fit spiffe-helper's structure. */
export function syntaxFinding(scene: SourcedScene, failure: Failure): Finding {
  const written = scene.source.text.split('\n')[failure.line - 1] ?? '';
  const message = messageFor(failure, written);
  const error = failure.message.slice(0, LONGEST_ERROR);
  const finding = textFinding(scene, message, failure, { error, setting: settingIn(failure) ?? keyOn(written) ?? '' });
  const fresh = message === 'duplicate-key' ? dropRepeated(scene, failure.line) : repaired(scene, failure, written);
  return { ...finding, fix: textFix(scene, SUMMARIES[message], fresh) };
}

type SyntaxMessage = 'section-header' | 'syntax' | 'quoted-boolean' | 'wrong-type' | 'duplicate-key';

const SUMMARIES: Readonly<Record<SyntaxMessage, string>> = {
  'section-header': 'Write the section as a block: its name, an opening brace, its settings, a closing brace.',
  syntax: 'Write the setting as HCL: key = "value", with double quotes around texts and comments that begin with #.',
  'quoted-boolean': 'Write true or false without quotes.',
  'wrong-type': 'Give the setting a value of the kind that it wants.',
  'duplicate-key': 'Leave one of the two settings out, or use spiffe-helper 0.10 or later.',
};

function messageFor({ message }: Failure, written: string): SyntaxMessage {
  if (/was already set/.test(message)) return 'duplicate-key';
  if (/^\s*\[/.test(written) && /got: LBRACK/.test(message)) return 'section-header';
  const setting = settingOf(message);
  if (setting && BOOLEAN_KEYS.includes(setting)) return 'quoted-boolean';
  // `yes` is refused earlier, as a word that stands for nothing.
  const key = keyOn(written);
  if (/Unknown token: .* IDENT/.test(message) && key && BOOLEAN_KEYS.includes(key)) return 'quoted-boolean';
  return setting || /^strconv\./.test(message) ? 'wrong-type' : 'syntax';
}

function keyOn(written: string): string | undefined {
  return /^\s*"?([\w-]+)"?\s*=/.exec(written)?.[1]?.toLowerCase();
}

/** As its author meant it; where that is not plain, with the value that fits the rest of the pod. */
function repaired(scene: SourcedScene, failure: Failure, written: string): string | undefined {
  const meant = repairSyntax(scene.source.text, scene.release);
  if (meant !== undefined) return meant;
  const key = keyOn(written);
  return key === undefined ? undefined : withPlainValue(scene, failure.line, key);
}

/** Releases that allow it let the last of them count, so it is the earlier ones that go. */
function dropRepeated({ source, release }: SourcedScene, line: number): string | undefined {
  const lines = source.text.split('\n');
  const key = keyOn(lines[line - 1] ?? '');
  const kept = lines.filter((other, at) => at >= line - 1 || key === undefined || keyOn(other) !== key);
  return kept.length < lines.length ? verified(kept.join('\n'), release, () => true) : undefined;
}

function settingIn({ message }: Failure): string | undefined {
  return /root\.([\w.[\]]+): /.exec(message)?.[1];
}

function settingOf(message: string): string | undefined {
  return /root\.(?:[\w[\]]+\.)*(\w+)(?:\[\d+\])?: /.exec(message)?.[1];
}
