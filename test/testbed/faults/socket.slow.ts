import { proveAll } from '../proof/prove-all.ts';
import { SOCKET_FAULTS } from './socket.ts';

proveAll('socket', SOCKET_FAULTS);
