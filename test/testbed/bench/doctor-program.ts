import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** What is measured: the executable that users get where `npm run build` has made it, else the sources. */
export interface DoctorProgram {
  readonly what: 'the executable' | 'the sources';
  /** Program and first words. */
  readonly command: readonly string[];
}

const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';
const here = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export function doctorProgram(): DoctorProgram {
  const executable = here(`krew/dist/linux-${ARCHITECTURE}/kubectl-haptic_spire`);
  return existsSync(executable)
    ? { what: 'the executable', command: [executable] }
    : { what: 'the sources', command: [process.execPath, here('src/main.ts')] };
}
