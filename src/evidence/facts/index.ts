import type { FactReaders } from '../catalogue.ts';
import { installationOf } from '../discovery.ts';
import { placeholder, validation } from './controller.ts';
import { events, rollout } from './events.ts';
import { haproxyMemory } from './haproxy-memory.ts';
import { helperLogs } from './helper-log.ts';
import { helperConfigs, helpers } from './helpers.ts';
import { backends, ingress, renderedBackends } from './ingress-backends.ts';
import { annotatedIngresses, snippet, watched } from './installation.ts';
import { pod } from './pod.ts';
import { registration } from './registration.ts';
import { reloaderLogs, reloaders } from './reloader.ts';
import { renderedConfig } from './rendered-config.ts';
import { spiffeDirectory } from './spiffe-directory.ts';
import { svidFiles } from './svid-files.ts';
import { servingAgents, workloadApiVolumes } from './workload-api.ts';

const installation = { gather: ['pods', 'haptic-config'], read: installationOf } as const;
const ofInstallation = { installation, snippet, annotatedIngresses };

/** How every fact of the catalogue is read. */
export const factReaders: FactReaders = {
  cluster: {},
  node: {},
  'spiffe-id': {},
  installation: ofInstallation,
  'haproxy-pod': {
    ...ofInstallation,
    pod,
    helpers,
    helperConfigs,
    workloadApiVolumes,
    servingAgents,
    helperLogs,
    spiffeDirectory,
    svidFiles,
    haproxyMemory,
    renderedConfig,
    reloaders,
    reloaderLogs,
    events,
    rollout,
    registration,
  },
  'controller-pod': { ...ofInstallation, pod, placeholder, validation },
  ingress: { ...ofInstallation, ingress, watched, backends, renderedBackends },
};
