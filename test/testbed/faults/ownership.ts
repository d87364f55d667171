import type { Fault } from './fault.ts';
import { FILE_FAULTS } from './ownership-files.ts';
import { USER_FAULTS } from './ownership-users.ts';

/** Who may write and read the files of an SVID. */
export const OWNERSHIP_FAULTS: readonly Fault[] = [...USER_FAULTS, ...FILE_FAULTS];
