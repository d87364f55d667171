import { proveAll } from '../proof/prove-all.ts';
import { BACKEND_FAULTS } from './backend.ts';

proveAll('backend', BACKEND_FAULTS);
