import type { Fault } from './fault.ts';
import { PLATFORM_AGENT_FAULTS } from './platform-agent.ts';
import { PLATFORM_DRIVER_FAULTS } from './platform-driver.ts';

/** What SPIRE has to offer on every node before a pod can use it. */
export const PLATFORM_FAULTS: readonly Fault[] = [...PLATFORM_DRIVER_FAULTS, ...PLATFORM_AGENT_FAULTS];
