import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { env } from 'node:process';

/** Programs of the machine that a test needs. In CI they have to be there: a missing one fails instead of skipping. */
export function requirements(programs: readonly string[]): {
  readonly missing: readonly string[];
  readonly mustNotSkip: boolean;
} {
  return { missing: programs.filter((program) => locate(program) === undefined), mustNotSkip: env.CI === 'true' };
}

/** For a test's name: what is skipped and why. */
export function presence(missing: readonly string[]): string {
  return missing.length === 0 ? '' : ` (needs ${missing.join(', ')}, not installed here)`;
}

/** Where a program is, by PATH unless it is a path. */
export function locate(program: string): string | undefined {
  if (program === '') return undefined;
  const places = isAbsolute(program)
    ? [program]
    : (env.PATH ?? '').split(delimiter).map((directory) => join(directory, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
