import { proveAll } from '../proof/prove-all.ts';
import { SVID_FAULTS } from './svid.ts';

proveAll('svid', SVID_FAULTS);
