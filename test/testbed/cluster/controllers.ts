import type { Platform } from '../platform.ts';
import type { Controller, Store } from '../seams.ts';
import { quotaStatus } from './admission/quota.ts';
import { eventExpiry } from './event-recorder.ts';
import { csiNodes } from './nodes/csi-nodes.ts';
import { nodeLifecycle } from './nodes/nodes.ts';
import { scheduler } from './nodes/scheduler.ts';
import { workloadDefaults } from './workload-defaults.ts';
import { daemonSets } from './workloads/daemon-sets.ts';
import { deployments } from './workloads/deployments.ts';
import { endpoints } from './workloads/endpoints.ts';
import { replicaSets } from './workloads/replica-sets.ts';
import { statefulSets } from './workloads/stateful-sets.ts';

/**
 * The control plane without SPIRE and HAPTIC, in the order in which a round calls it. Kubelets come after these:
 * a pod that ends has left its Endpoints before it is stopped.
 */
export function workloadControllers(store: Store, platform: Platform, now: () => number): readonly Controller[] {
  return [
    workloadDefaults(store),
    nodeLifecycle(store, platform, now),
    deployments(store, now),
    replicaSets(store, now),
    daemonSets(store, now),
    statefulSets(store, now),
    scheduler(store, now),
    csiNodes(store, platform),
    quotaStatus(store),
    endpoints(store),
    eventExpiry(store, now),
  ];
}
