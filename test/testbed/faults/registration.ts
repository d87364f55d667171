import type { Fault } from './fault.ts';
import { REGISTRATION_OBJECT_FAULTS } from './registration-objects.ts';
import { REGISTRATION_SERVER_FAULTS } from './registration-server.ts';

/** Whether SPIRE knows the pods, and can be asked. */
export const REGISTRATION_FAULTS: readonly Fault[] = [...REGISTRATION_OBJECT_FAULTS, ...REGISTRATION_SERVER_FAULTS];
