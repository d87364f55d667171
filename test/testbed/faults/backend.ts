import { CERT_MANAGER_FAULTS } from './backend-cert-manager.ts';
import { BACKEND_NAME_FAULTS } from './backend-names.ts';
import { BACKEND_SVID_FAULTS } from './backend-svid.ts';
import type { Fault } from './fault.ts';

/** Whether HAProxy and backends recognise each other by what their SVIDs say. */
export const BACKEND_FAULTS: readonly Fault[] = [
  ...BACKEND_NAME_FAULTS,
  ...CERT_MANAGER_FAULTS,
  ...BACKEND_SVID_FAULTS,
];
