import { proveAll } from '../proof/prove-all.ts';
import { REGISTRATION_FAULTS } from './registration.ts';

proveAll('registration', REGISTRATION_FAULTS);
