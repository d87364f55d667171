import { proveAll } from '../proof/prove-all.ts';
import { CONTROLLER_FAULTS } from './controller.ts';

proveAll('controller', CONTROLLER_FAULTS);
