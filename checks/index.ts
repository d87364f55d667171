import type { Check } from '../src/doctor/check.ts';
import certLoaded from './cert-loaded/check.ts';
import controllerPlaceholder from './controller-placeholder/check.ts';
import csiSocketName from './csi-socket-name/check.ts';
import fileOwnership from './file-ownership/check.ts';
import helperConfigSyntax from './helper-config-syntax/check.ts';
import helperImageTag from './helper-image-tag/check.ts';
import sanContents from './san-contents/check.ts';
import spiffeDir from './spiffe-dir/check.ts';
import svidIssued from './svid-issued/check.ts';
import svidValid from './svid-valid/check.ts';

/** Every check of this project; a test compares the list with the folders. */
export const checks: readonly Check[] = [
  helperImageTag,
  helperConfigSyntax,
  csiSocketName,
  spiffeDir,
  fileOwnership,
  svidIssued,
  svidValid,
  sanContents,
  controllerPlaceholder,
  certLoaded,
];
