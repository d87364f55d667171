import type { KubeObject, RunningProgram } from '../../seams.ts';
import { dig, numberAt, objectAt, objectsAt, textAt, textListAt } from '../fields.ts';

export type ProbeResult =
  | { readonly is: 'passed' }
  /** `message` as the kubelet writes it after `Liveness probe failed: `. */
  | { readonly is: 'failed'; readonly because: 'refused' | 'answer'; readonly message: string };

export type ProbeKind = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

/** Carries out one of a container's probes; passes where it has none. */
export async function runProbe(
  kind: ProbeKind,
  container: KubeObject,
  program: RunningProgram,
  address: string,
): Promise<ProbeResult> {
  const probe = objectAt(container, kind);
  const action = probe.httpGet ? 'httpGet' : probe.tcpSocket ? 'tcpSocket' : undefined;
  if (probe.exec) return runCommand(textListAt(probe, 'exec', 'command'), program);
  if (action === undefined) return { is: 'passed' };
  const port = portOf(dig(probe, action, 'port'), container);
  const path = textAt(probe, action, 'path') || '/';
  const status = (await program.probe?.(port, path)) ?? 'refused';
  if (status === 'refused') {
    const dial = `dial tcp ${address}:${port}: connect: connection refused`;
    const scheme = (textAt(probe, action, 'scheme') || 'HTTP').toLowerCase();
    const message = action === 'httpGet' ? `Get "${scheme}://${address}:${port}${path}": ${dial}` : dial;
    return { is: 'failed', because: 'refused', message };
  }
  return action === 'tcpSocket' || (status >= 200 && status < 400)
    ? { is: 'passed' }
    : { is: 'failed', because: 'answer', message: `HTTP probe failed with statuscode: ${status}` };
}

/** What stands for a program without a sandbox has no command to run: it passes. */
async function runCommand(command: readonly string[], { sandbox }: RunningProgram): Promise<ProbeResult> {
  if (!sandbox) return { is: 'passed' };
  const running = sandbox.run(command, '');
  const words: string[] = [];
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (part) => words.push(String(part)));
  const code = await running.ended;
  return code === 0 ? { is: 'passed' } : { is: 'failed', because: 'answer', message: words.join('').trim() };
}

function portOf(port: ReturnType<typeof dig>, container: KubeObject): number {
  if (typeof port === 'number') return port;
  const named = objectsAt(container, 'ports').find(({ name }) => name === port);
  return numberAt(named, 'containerPort') ?? Number(port);
}
