import type { Fault } from './fault.ts';
import { SVID_FILE_FAULTS } from './svid-files.ts';
import { SVID_ROTATION_FAULTS } from './svid-rotation.ts';

/** Whether the SVID that lies on disk can be used. */
export const SVID_FAULTS: readonly Fault[] = [...SVID_ROTATION_FAULTS, ...SVID_FILE_FAULTS];
