import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Beginning, Fault, HealthyVariant } from './faults/fault.ts';
import { FAULTS } from './faults/index.ts';
import { HEALTHY } from './healthy/index.ts';
import { startTestbed, type Testbed } from './installation.ts';
import { testbedRequirements } from './requirements.ts';

const USAGE = 'usage: npm run testbed -- --fault NAME | --healthy NAME | --list';

type Chosen =
  | { readonly what: 'list' }
  | { readonly what: 'scene'; readonly scene: (Fault | HealthyVariant) & Beginning }
  | { readonly what: 'refused'; readonly because: string };

function choose(words: readonly string[]): Chosen {
  const options = { fault: { type: 'string' }, healthy: { type: 'string' }, list: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ args: [...words], options });
    const { fault, healthy, list } = values;
    if ([fault, healthy, list].filter((given) => given !== undefined).length !== 1)
      return { what: 'refused', because: USAGE };
    if (list) return { what: 'list' };
    const scene: Fault | HealthyVariant | undefined =
      fault === undefined ? HEALTHY.find(({ name }) => name === healthy) : FAULTS.find(({ name }) => name === fault);
    return scene
      ? { what: 'scene', scene }
      : { what: 'refused', because: `there is no ${fault ?? healthy}; --list shows all names` };
  } catch {
    return { what: 'refused', because: USAGE };
  }
}

function list(): string {
  const width = Math.max(...[...FAULTS, ...HEALTHY].map(({ name }) => name.length));
  const line = (name: string, about: string, more = '') => `  ${name.padEnd(width)}  ${about}${more}`;
  return [
    `${FAULTS.length} faults:`,
    ...FAULTS.map(({ name, about, ids, replayed }) =>
      line(name, about, ` [${ids.join(', ')}]${replayed === undefined ? '' : ` (${replayed} is replayed)`}`),
    ),
    `${HEALTHY.length} healthy installations:`,
    ...HEALTHY.map(({ name, about }) => line(name, about)),
    '',
  ].join('\n');
}

/** Keeps an installation until Ctrl-C, for whoever wants to try the doctor or kubectl on it. */
async function keep(scene: (Fault | HealthyVariant) & Beginning): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  process.stderr.write(`Starting: ${scene.about}\n`);
  let testbed: Testbed | undefined;
  try {
    testbed = await startTestbed(scene);
    await scene.happens?.(testbed);
    await testbed.settle();
    process.stdout.write(`export KUBECONFIG=${testbed.env.KUBECONFIG}\n`);
    process.stderr.write('In another terminal: bin/kubectl-haptic_spire doctor. Ctrl-C ends it.\n');
    await ended;
  } finally {
    await testbed?.close();
  }
}

const chosen = choose(process.argv.slice(2));
const { missing } = testbedRequirements();
if (chosen.what === 'refused') {
  process.stderr.write(`error: ${chosen.because}\n`);
  process.exitCode = 3;
} else if (chosen.what === 'list') {
  process.stdout.write(list());
} else if (missing.length > 0) {
  process.stderr.write(`error: the testbed needs ${missing.join(', ')}\n`);
  process.exitCode = 3;
} else {
  await keep(chosen.scene);
  process.exit();
}
