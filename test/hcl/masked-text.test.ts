import { describe, expect, it } from 'vitest';
import { hasMaskedValues, withoutMaskedComments } from '../../src/evidence/helper-config/text-edit.ts';
import { reduceHelperConfig } from '../../src/evidence/redact/helper-config.ts';

const GUIDE = 'agent_address = "/spiffe-workload-api/spire-agent.sock"\ncert_dir = "/etc/haproxy/spiffe"\n';

describe('helper.conf on its way back into a ConfigMap', () => {
  it.each([
    ['a line of its own', `# owned by team edge\n${GUIDE}`],
    ['the end of a line', GUIDE.replace('"\n', '" # see the wiki\n')],
    ['the end of a line without a blank', GUIDE.replace('"\n', '"//see the wiki\n')],
    ['letters beyond ASCII', `# für die Außenstelle → Zürich\n${GUIDE}`],
    ['a block over several lines', `/* first\n   second */\n${GUIDE}`],
    ['a block beside a setting', GUIDE.replace('"\n', '" /* why */\n')],
  ])('loses a comment at %s rather than take its filler along', (_place, text) => {
    expect(withoutMaskedComments(reduceHelperConfig(text))).toBe(GUIDE);
    expect(hasMaskedValues(reduceHelperConfig(text))).toBe(false);
  });

  it('keeps what only looks like a comment', () => {
    const text = 'cert_dir = "/etc/x # x"\nhint = "//xxx"\n';
    expect(withoutMaskedComments(text)).toBe(text);
  });

  it.each([
    'cmd_args = "-c secret"',
    'cmd_args = "line\\nline"',
    'cmd_args = "say \\"hush\\""',
    'timeout = 30',
    'health_checks {\n  port = 8091\n}',
    'owner = somebody',
    'note = <<EOT\nhush\nEOT\n',
    'cert_dir = "/etc/MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"',
  ])('is not to be written once a value was left out: %s', (line) => {
    expect(hasMaskedValues(reduceHelperConfig(`${GUIDE}${line}\n`))).toBe(true);
  });

  it.each(['daemon_mode = true', 'key_file_mode = 0640', 'health_checks {\n  bind_port = 8091\n}', 'hint = "x"', ''])(
    'may be written when all of it was kept: %s',
    (line) => {
      expect(hasMaskedValues(reduceHelperConfig(`${GUIDE}${line}\n`))).toBe(false);
    },
  );
});
