import type { Fault } from './fault.ts';
import { SOCKET_ADDRESS_FAULTS } from './socket-address.ts';
import { SOCKET_VOLUME_FAULTS } from './socket-volume.ts';

/** How spiffe-helper finds the Workload API. */
export const SOCKET_FAULTS: readonly Fault[] = [...SOCKET_ADDRESS_FAULTS, ...SOCKET_VOLUME_FAULTS];
