import type { Fault } from './fault.ts';
import { HELPER_HEALTH_FAULTS } from './helper-health.ts';
import { HELPER_IMAGE_FAULTS } from './helper-image.ts';
import { HELPER_POD_FAULTS } from './helper-pod.ts';
import { HELPER_SETTINGS_FAULTS } from './helper-settings.ts';
import { HELPER_TEXT_FAULTS } from './helper-text.ts';

/** Whether spiffe-helper starts, and understands what it is told. */
export const HELPER_FAULTS: readonly Fault[] = [
  ...HELPER_IMAGE_FAULTS,
  ...HELPER_POD_FAULTS,
  ...HELPER_TEXT_FAULTS,
  ...HELPER_SETTINGS_FAULTS,
  ...HELPER_HEALTH_FAULTS,
];
