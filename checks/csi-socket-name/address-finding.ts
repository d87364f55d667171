import type { Finding, Phase } from '../../src/doctor/check.ts';
import type { HelperLogView } from '../../src/evidence/facts/helper-log.ts';
import type { HelperConfig, HelperConfigView, HelperView } from '../../src/evidence/facts/helpers.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Origin, Unknown } from '../../src/evidence/reading.ts';
import type { Address } from './address.ts';
import { changeAddress } from './fixes.ts';

/** Names that a SPIRE chart, the agent's own default or Istio give a socket. */
export const CHART_NAMES = ['spire-agent.sock', 'api.sock', 'socket'];
/** What the charts serve under, whatever else; for fixes where nothing better is known. */
export const USUAL_NAME = 'spire-agent.sock';

export interface HelperCase {
  readonly pod: PodView;
  readonly now: number;
  readonly helper: HelperView;
  readonly view: HelperConfigView;
  readonly config: HelperConfig;
  readonly volumes: WorkloadApiVolumes['volumes'];
  readonly agents: readonly ServingAgent[];
  readonly agentsUnknown?: Unknown;
  readonly log?: HelperLogView;
  /** An SVID came in since this process read its configuration. */
  readonly proven: boolean;
}

/** A finding about the address, with the address that would do. */
export function addressFinding(
  it: HelperCase,
  message: string,
  data: Finding['data'],
  address: Address,
  target: string,
): Finding {
  const { source, inEffect } = it.view;
  const phase: Phase = it.proven || (inEffect === 'no' && !it.log?.dialError) ? 'latent' : 'active';
  const known = source.state === 'known' ? source.value : undefined;
  const line = address.set === 'in-config' ? address.line : address.emptyAt;
  const from: Origin = known
    ? { ...known.origin, line: (known.origin.file === undefined ? 1 : (known.origin.line ?? 1)) + (line ?? 1) - 1 }
    : { object: it.pod.ref };
  const excerpt =
    address.set === 'in-environment'
      ? `${address.variable} is set, agent_address is not`
      : line === undefined
        ? 'no agent_address'
        : (known?.text.split('\n')[line - 1] ?? '').trim();
  return {
    message,
    data: { helper: it.helper.container.name, ...data },
    culprit: known?.configMap ?? it.pod.workload,
    phase,
    evidence: [{ from, excerpt }],
    ...(known ? { fix: changeAddress(it.pod, known, line, address.value, target) } : {}),
  };
}

/** An absolute address in the Workload API mount; keeps a name that is served. */
export function goodAddress(it: HelperCase, wish = ''): string {
  const mount = it.helper.container.mounts.find(({ volume }) => it.volumes.some(({ name }) => name === volume));
  const driver = it.volumes.find(({ name }) => name === mount?.volume)?.driver;
  const sockets = it.agents.find((agent) => agent.driver === driver)?.sockets;
  const served = sockets?.state === 'known' ? sockets.value.map(({ name }) => name) : [];
  const name =
    served.length === 0 && CHART_NAMES.includes(wish) ? wish : served.includes(wish) ? wish : (served[0] ?? USUAL_NAME);
  return `${mount?.path.replace(/\/+$/, '') ?? '/spiffe-workload-api'}/${name}`;
}
