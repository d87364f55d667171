import { proveAll } from '../proof/prove-all.ts';
import { PLATFORM_FAULTS } from './platform.ts';

proveAll('platform', PLATFORM_FAULTS);
