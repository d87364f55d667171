import { proveAll } from '../proof/prove-all.ts';
import { DIRECTORY_FAULTS } from './directory.ts';

proveAll('directory', DIRECTORY_FAULTS);
