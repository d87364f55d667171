import { ADMISSION_FAULTS } from './directory-admission.ts';
import { LAYOUT_FAULTS } from './directory-layout.ts';
import type { Fault } from './fault.ts';

/** The directory into which SVIDs are written, and the pods that should have it. */
export const DIRECTORY_FAULTS: readonly Fault[] = [...LAYOUT_FAULTS, ...ADMISSION_FAULTS];
