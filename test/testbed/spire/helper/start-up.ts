import { argumentsOf } from '../../../../src/evidence/helper-config/arguments.ts';
import { parseHelperConfig } from '../../../../src/evidence/helper-config/parse.ts';
import { releaseOf, versionOf } from '../../../../src/evidence/helper-config/release.ts';
import type { Release } from '../../../../src/evidence/helper-config/schema.ts';
import { objectsAt, textAt } from '../../cluster/fields.ts';
import type { ProgramContext } from '../../seams.ts';
import { containerOf } from '../container.ts';
import type { Level } from '../logrus.ts';
import { type HelperSettings, validate } from './settings.ts';
import { readFile } from './write-file.ts';

export type Say = (level: Level, message: string, fields?: Readonly<Record<string, string>>) => void;

/** What the process does with its command line and its file: it goes on, or it ends with a status. */
export type StartUp =
  | { readonly state: 'runs'; readonly settings: HelperSettings; readonly release: Release }
  | { readonly state: 'ends'; readonly code: number };

/** Everything until the first look at the Workload API. The configuration is read here and never again. */
export async function startUp(context: ProgramContext, say: Say): Promise<StartUp> {
  const { container } = containerOf(context.pod, context.ref.container);
  const version = versionOf(container.image);
  const release = version ? releaseOf(version) : '0.11';
  const flags = argumentsOf(container);
  const [unknown] = flags.unknown;
  if (unknown !== undefined) {
    context.log(`flag provided but not defined: ${unknown.replace(/^--/, '-').replace(/=.*/s, '')}`);
    context.log('Usage of /spiffe-helper:');
    return { state: 'ends', code: 2 };
  }
  const path = flags.config ?? 'helper.conf';
  say('info', `Using configuration file: ${JSON.stringify(path)}`);
  const isOld = release === '0.8' || release === '0.9';
  const file = await readFile(await context.sandbox(), path);
  const parsed = 'error' in file ? undefined : parseHelperConfig(file.content, release);
  if (parsed === undefined || !parsed.ok) {
    const why = 'error' in file ? file.error : parsed?.message;
    const error = `failed to parse ${JSON.stringify(path)}: ${why}`;
    say('error', isOld ? 'Error starting spiffe-helper' : 'failed to parse configuration', { error });
    return { state: 'ends', code: 1 };
  }
  const validated = validate(parsed.config, {
    release,
    ...(flags.daemonMode === undefined ? {} : { daemonFlag: flags.daemonMode }),
    env: environmentOf(context),
  });
  for (const warning of validated.warnings) say('warning', warning);
  if (validated.state === 'invalid') {
    if (isOld) say('error', 'Error starting spiffe-helper', { error: `invalid configuration: ${validated.error}` });
    else say('error', 'invalid configuration', { error: validated.error });
    return { state: 'ends', code: 1 };
  }
  return { state: 'runs', settings: validated.settings, release };
}

function environmentOf({ container }: ProgramContext): Readonly<Record<string, string>> {
  return Object.fromEntries(objectsAt(container, 'env').map((each) => [textAt(each, 'name'), textAt(each, 'value')]));
}
