import { proveAll } from '../proof/prove-all.ts';
import { HELPER_FAULTS } from './helper.ts';

proveAll('helper', HELPER_FAULTS);
