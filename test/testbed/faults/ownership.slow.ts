import { proveAll } from '../proof/prove-all.ts';
import { OWNERSHIP_FAULTS } from './ownership.ts';

proveAll('ownership', OWNERSHIP_FAULTS);
