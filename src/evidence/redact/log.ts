import { maskSecrets } from './key-material.ts';

/** Whose log it is; each program says other things that are worth keeping. */
export type LogRole = 'helper' | 'reloader' | 'controller' | 'agent';

const MAX_LINE = 4096;
/** RFC 3339 time that the API server puts in front of every line. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)(?: |$)/;

const LEVELLED = /\blevel=|"level":|^(?:panic|fatal|FATA|ERRO|WARN|INFO)\b|runtime error/;

const PASSES: Readonly<Record<LogRole, RegExp>> = {
  // What a command that spiffe-helper starts prints is the site's own.
  helper: LEVELLED,
  reloader:
    /cert-reloader|certificate|\bcert\b|\bca-file\b|transaction|commit|success!|failed!?|can't|unable|inconsistenc|not loaded|not found|unknown command|permission|socat|\bstat:|\bcat:|error|refused|no such file|retry|bundle|svid|exited|payload|too big|filename/i,
  controller:
    /validat|haproxy config|\[alert\]|rejected|level=(?:warn|error)|"level":"(?:warn|error)|template|deploy|reload|started/i,
  agent:
    /\blevel=(?:warn|warning|error|fatal|panic)\b|"level":"(?:warn|warning|error|fatal|panic)"|attestation was successful|Starting (?:Workload|agent)|^panic/i,
};

/** The lines of a log that a diagnosis reads, without key material and credentials, control characters written out. */
export function redactLog(role: LogRole, text: string): string {
  const lines = text.split('\n').map((line) => {
    const [stamp = ''] = TIMESTAMP.exec(line) ?? [];
    return { stamp, said: line.slice(stamp.length) };
  });
  // A key may be spread over lines, so what was said is blotted as one text, without the times that stand between.
  const masked = escapeControls(maskSecrets(lines.map(({ said }) => said).join('\n')).text).split('\n');
  return lines
    .flatMap(({ stamp }, index) => {
      const said = masked[index] ?? '';
      return PASSES[role].test(said.slice(0, MAX_LINE)) ? [stamp + said.slice(0, MAX_LINE)] : [];
    })
    .join('\n');
}

function escapeControls(text: string): string {
  return text
    .replace(/\r(?=\n)/g, '')
    .replace(/(?![\n\t])\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
