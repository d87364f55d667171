import type { Fault } from './fault.ts';
import { RELOADER_FAULTS } from './memory-reloader.ts';
import { ROTATION_FAULTS } from './memory-rotation.ts';
import { ROUTING_FAULTS } from './memory-routing.ts';
import { TRUST_FAULTS } from './memory-trust.ts';

/**
 * What HAProxy has in memory, how a rotation gets there, and whether backends are reached with it. The reload of HAProxy
 * 3.3.0 that never ends is not among them: no release that runs here has that defect, so only a recording shows it
 * (checks/cert-loaded/cases/reload-hangs.yaml).
 */
export const MEMORY_FAULTS: readonly Fault[] = [
  ...ROTATION_FAULTS,
  ...TRUST_FAULTS,
  ...RELOADER_FAULTS,
  ...ROUTING_FAULTS,
];
