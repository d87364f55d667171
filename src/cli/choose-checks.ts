import type { Check } from '../doctor/check.ts';
import { isWhy } from '../report/words.ts';
import { UsageError } from './host.ts';
import { suggestion } from './nearest.ts';

/** Which checks a run judges, as its flags say. */
export interface ChosenChecks {
  readonly checks: readonly Check[];
  /** Ids; absent: all. */
  readonly selected: readonly string[] | undefined;
  /** As `JudgeOptions` has it. */
  readonly allowUnknown: readonly string[];
}

interface Flags {
  readonly check?: readonly string[];
  readonly skip?: readonly string[];
  readonly allowUnknown?: string | true;
}

/**
 * Loads the checks when they are first asked for: where no flag names one, that can wait until a cluster has been asked
 * for what is wanted anyway. Throws for a wrong flag at once.
 */
export async function chooseChecks(flags: Flags): Promise<() => Promise<ChosenChecks>> {
  let chosen: Promise<ChosenChecks> | undefined;
  const choose = () => {
    chosen ??= loadChecks(flags);
    return chosen;
  };
  if (flags.check !== undefined || flags.skip !== undefined || flags.allowUnknown !== undefined) await choose();
  return choose;
}

async function loadChecks(flags: Flags): Promise<ChosenChecks> {
  const { checks } = await import('../../checks/index.ts');
  return {
    checks,
    selected: selectedChecks(checks, flags),
    allowUnknown: allowedUnknowns(checks, flags.allowUnknown),
  };
}

/** Ids of the checks to report; undefined: all. An id that no check has is a usage error. */
export function selectedChecks(
  checks: readonly Check[],
  options: Omit<Flags, 'allowUnknown'>,
): readonly string[] | undefined {
  const { check, skip } = options;
  if (check === undefined && skip === undefined) return undefined;
  for (const id of [...(check ?? []), ...(skip ?? [])]) requireCheck(checks, id);
  const selected = checks
    .map(({ id }) => id)
    .filter((id) => (check === undefined || check.includes(id)) && !skip?.includes(id));
  if (selected.length === 0) throw new UsageError('--check and --skip leave no check to judge');
  return selected;
}

/** The list of `--allow-unknown`: `*`, or checks with or without a reason. */
function allowedUnknowns(checks: readonly Check[], option: string | true | undefined): readonly string[] {
  if (option === undefined) return [];
  if (option === true) return ['*'];
  const allowed = option
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (allowed.length === 0) throw new UsageError('--allow-unknown= names no check; without "=" it allows everything');
  for (const word of allowed) {
    const [id = '', why, ...more] = word.split(':');
    requireCheck(checks, id);
    if (more.length > 0 || (why !== undefined && !isWhy(why))) {
      throw new UsageError(`--allow-unknown takes CHECK or CHECK:WHY; there is no reason ${JSON.stringify(why)}`);
    }
  }
  return allowed;
}

export function requireCheck(checks: readonly Check[], id: string): Check {
  const found = checks.find((check) => check.id === id);
  if (found !== undefined) return found;
  const near = suggestion(
    id,
    checks.map((check) => check.id),
  );
  throw new UsageError(`there is no check ${JSON.stringify(id)}${near}; "checks" lists them`);
}
