import { BACKEND_FAULTS } from './backend.ts';
import { CONTROLLER_FAULTS } from './controller.ts';
import { DIRECTORY_FAULTS } from './directory.ts';
import type { Fault } from './fault.ts';
import { HELPER_FAULTS } from './helper.ts';
import { MEMORY_FAULTS } from './memory.ts';
import { OWNERSHIP_FAULTS } from './ownership.ts';
import { PLATFORM_FAULTS } from './platform.ts';
import { REGISTRATION_FAULTS } from './registration.ts';
import { SOCKET_FAULTS } from './socket.ts';
import { SVID_FAULTS } from './svid.ts';

/** Everything that can be broken, by name, in the order in which a certificate travels. */
export const FAULTS: readonly Fault[] = [
  ...PLATFORM_FAULTS,
  ...REGISTRATION_FAULTS,
  ...SOCKET_FAULTS,
  ...HELPER_FAULTS,
  ...DIRECTORY_FAULTS,
  ...OWNERSHIP_FAULTS,
  ...SVID_FAULTS,
  ...MEMORY_FAULTS,
  ...BACKEND_FAULTS,
  ...CONTROLLER_FAULTS,
];
