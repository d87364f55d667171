import { CONTENT_FAULTS } from './controller-content.ts';
import { MOUNT_FAULTS } from './controller-mounts.ts';
import { RELEASE_FAULTS } from './controller-releases.ts';
import type { Fault } from './fault.ts';

/** What the controller validates configurations with. */
export const CONTROLLER_FAULTS: readonly Fault[] = [...MOUNT_FAULTS, ...CONTENT_FAULTS, ...RELEASE_FAULTS];
