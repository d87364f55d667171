import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../scenario/temporary-folder.ts';
import { startTestbed, type Testbed } from '../installation.ts';
import { runLine } from '../proof/run-doctor.ts';
import { doctorProgram } from './doctor-program.ts';
import { startNetwork } from './network.ts';

/** What the two ways of looking at one installation take, milliseconds. */
export interface Compared {
  readonly pods: number;
  readonly latencyMs: number;
  readonly doctorMs: number;
  readonly byHandMs: number;
  readonly commands: number;
}

const PODS = 3;
/** Of the doctor, an odd number: the median counts. By hand there are many commands anyway. */
const RUNS = 5;

/**
 * The doctor, and after it what the guide has one type under "Verification" and "Troubleshooting", for each HAProxy pod
 * with the real kubectl, one after the other and without a moment of thought in between.
 */
export async function compare(latencyMs: number): Promise<Compared> {
  const testbed = await startTestbed({
    change: [{ object: 'Deployment haptic/haptic-haproxy', set: { at: 'spec.replicas', to: PODS } }],
  });
  const network = await startNetwork(Number(new URL(testbed.api.url).port), latencyMs);
  try {
    const env = behind(testbed, network.port);
    const doctor = `${doctorProgram().command.join(' ')} doctor`;
    const look = () => runLine(doctor, env);
    // Once before: kubectl keeps what it has learnt about the API, and the machine the programs.
    await look();
    await runLine('kubectl -n haptic get pods', env);
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1)
      times.push(
        await timed(async () => {
          const { exitCode, stdout, stderr } = await look();
          if (exitCode !== 0) throw new Error(`the doctor ended with ${exitCode}: ${stdout}${stderr}`);
        }),
      );
    const doctorMs = times.toSorted((a, b) => a - b)[(RUNS - 1) / 2] ?? Number.NaN;
    const commands = byHand(testbed);
    const byHandMs = await timed(async () => {
      for (const command of commands) await runLine(command, env);
    });
    return { pods: PODS, latencyMs, doctorMs, byHandMs, commands: commands.length };
  } finally {
    network.close();
    await testbed.close();
  }
}

/** The guide's commands; its way of looking at the socket cannot work, and takes its time all the same. */
function byHand({ store }: Testbed): readonly string[] {
  const names = (part: string) =>
    store.list('Pod', 'haptic').flatMap(({ metadata }) => {
      const name = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? String(metadata.name) : '';
      return name.includes(part) ? [name] : [];
    });
  const inPod = (pod: string) => [
    `kubectl -n haptic logs ${pod} -c spiffe-helper`,
    `kubectl -n haptic exec ${pod} -c haproxy -- ls -la /etc/haproxy/spiffe/`,
    `kubectl -n haptic exec ${pod} -c haproxy -- openssl x509 -in /etc/haproxy/spiffe/svid.pem -noout -text | grep -A1 "Subject Alternative Name"`,
    `kubectl -n haptic exec ${pod} -c haproxy -- cat /etc/haproxy/haproxy.cfg | grep -A2 'default-server.*ssl.*verify'`,
    `kubectl -n haptic logs ${pod} -c cert-reloader`,
    `kubectl -n haptic exec ${pod} -c spiffe-helper -- ls /spiffe-workload-api/`,
  ];
  const [controller = ''] = names('controller');
  return [
    'kubectl -n haptic get pods',
    ...names('haproxy').flatMap(inPod),
    `kubectl -n haptic logs ${controller}`,
    `kubectl -n haptic exec ${controller} -- ls /etc/haproxy/spiffe/`,
  ];
}

function behind({ api, env }: Testbed, port: number): Readonly<Record<string, string>> {
  const config = join(temporaryFolder('by-hand-'), 'config');
  writeFileSync(config, api.kubeconfig().replaceAll(api.url, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return { ...env, KUBECONFIG: config };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
