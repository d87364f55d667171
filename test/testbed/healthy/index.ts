import type { HealthyVariant } from '../faults/fault.ts';
import { AUTHORITY_VARIANTS } from './authorities.ts';
import { HELPER_VARIANTS } from './helper-forms.ts';
import { HISTORY_VARIANTS } from './histories.ts';
import { LAYOUT_VARIANTS } from './layouts.ts';
import { MESH_VARIANTS } from './mesh.ts';
import { MOMENT_VARIANTS } from './moments.ts';
import { NAME_VARIANTS } from './names.ts';
import { PLACEHOLDER_VARIANTS } from './placeholders.ts';
import { PLATFORM_VARIANTS } from './platforms.ts';
import { REGISTRATION_VARIANTS } from './registrations.ts';
import { RELEASE_VARIANTS } from './releases.ts';

/** Installations in which nothing is wrong. */
export const HEALTHY: readonly HealthyVariant[] = [
  { name: 'base', about: 'the installation that every fault starts from' },
  ...PLATFORM_VARIANTS,
  ...HELPER_VARIANTS,
  ...PLACEHOLDER_VARIANTS,
  ...NAME_VARIANTS,
  ...RELEASE_VARIANTS,
  ...AUTHORITY_VARIANTS,
  ...MESH_VARIANTS,
  ...MOMENT_VARIANTS,
  ...HISTORY_VARIANTS,
  ...REGISTRATION_VARIANTS,
  ...LAYOUT_VARIANTS,
];
