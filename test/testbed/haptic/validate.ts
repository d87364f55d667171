import { outcome } from '../sandbox/command.ts';
import type { Sandbox } from '../seams.ts';

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly error: string };

/** Seconds that HAProxy may take over it. */
const PATIENCE = 20;

/** Has the HAProxy of the controller's own container check a configuration, with the files that lie there. */
export async function validate(sandbox: Sandbox, content: string): Promise<Verdict> {
  const script = `cat >/tmp/haproxy.cfg && exec timeout -s KILL ${PATIENCE} haproxy -c -f /tmp/haproxy.cfg`;
  const { code, stdout, stderr } = await outcome(sandbox.run(['sh', '-c', script], content));
  if (code === 0) return { valid: true };
  const alerts = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('[ALERT]'));
  const words = alerts.map((line) => line.replace(/^\[ALERT\]\s+\(\d+\) : /, '')).join('\n');
  return { valid: false, error: `haproxy validation failed: ${words || `exit status ${code}`}` };
}
