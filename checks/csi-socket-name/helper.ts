import type { Finding } from '../../src/doctor/check.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { quoteOf } from '../../src/evidence/logs/log-lines.ts';
import { type Origin, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { type Address, addressOf, type Place, placeOf } from './address.ts';
import { addressFinding, CHART_NAMES, goodAddress, type HelperCase, USUAL_NAME } from './address-finding.ts';
import { dialEvidence, dialFinding, tooYoung } from './dial.ts';
import { mountWorkloadApi } from './fixes.ts';

export interface HelperJudgement {
  readonly findings: readonly Finding[];
  readonly cannotTell?: Unknown;
}

export function judgeHelper(it: HelperCase): HelperJudgement {
  const address = addressOf(it.config, it.helper.container, it.helper.version);
  const malformed = malformedAddress(it, address);
  if (malformed) return { findings: [malformed] };
  const place = placeOf(it.pod, it.helper.container, it.volumes, address.value);
  const dial = it.log?.dialError;
  const elsewhere = dial !== undefined && dial.path !== address.value;
  // Otherwise the process may have read another text, and what this one says comes true at its next start.
  if (it.proven && it.view.inEffect === 'yes') return { findings: [] };
  if (place.is === 'nowhere') return { findings: [nowhere(it, address, place)] };
  const agent =
    place.is === 'workload-api' ? it.agents.find(({ driver }) => driver === place.volume.driver) : undefined;
  const sockets: ServingAgent['sockets'] =
    agent?.sockets ?? it.agentsUnknown ?? unknown('no-evidence', 'which agent serves this volume is not known');
  const name = place.is === 'workload-api' ? place.name : '';
  const served = sockets.state === 'known' ? sockets.value.map((socket) => socket.name) : undefined;
  if (served && served.length > 0 && !served.includes(name))
    return {
      findings: [wrongName(it, address, name, served, sockets.state === 'known' ? sockets.value[0]?.from : undefined)],
    };
  if (dial) {
    const young = tooYoung(it, agent);
    if (young) return { findings: [], cannotTell: young };
    return { findings: [dialFinding(it, address, agent, elsewhere, served?.includes(name) ?? false, name)] };
  }
  if (served?.includes(name) || it.proven) return { findings: [] };
  if (sockets.state === 'known' || sockets.state === 'absent') {
    const detail =
      sockets.state === 'absent'
        ? `missing is ${sockets.what}`
        : 'the agent has no socket in the directory that the CSI driver mounts';
    return {
      findings: [],
      cannotTell: unknown(
        'no-evidence',
        `which sockets are in the directory that container ${it.helper.container.name} mounts is not known: ${detail}`,
      ),
    };
  }
  if (place.is === 'workload-api' && !CHART_NAMES.includes(name))
    return { findings: [unusualName(it, address, name, sockets)], cannotTell: sockets };
  return { findings: [], cannotTell: sockets };
}

function malformedAddress(it: HelperCase, address: Address): Finding | undefined {
  if (address.set === 'default') return undefined;
  const prefixed = address.set === 'in-config' ? /^(?:unix|tcp):/i.test(address.value) : address.scheme !== 'none';
  if (prefixed) {
    const setting = address.set === 'in-config' ? 'agent_address' : address.variable;
    const plain = address.value.replace(/^[a-z]+:(?:\/\/)?/i, '');
    const value = address.set === 'in-config' ? address.value : `${address.scheme}://${address.value}`;
    const target = plain.startsWith('/') && !/^tcp:/i.test(value) ? plain : goodAddress(it);
    return addressFinding(it, 'unix-prefix', { setting, value }, address, target);
  }
  return address.value.startsWith('/')
    ? undefined
    : addressFinding(it, 'relative-path', { value: address.value }, address, goodAddress(it, address.value));
}

function nowhere(it: HelperCase, address: Address, place: Place & { readonly is: 'nowhere' }): Finding {
  const [first] = place.mounts;
  if (address.set === 'default')
    return addressFinding(it, 'no-address', { path: address.value }, address, goodAddress(it));
  if (first) {
    const data = { path: address.value, volume: first.volume.name, mountPath: first.path };
    return addressFinding(
      it,
      'wrong-directory',
      data,
      address,
      goodAddress(it, address.value.slice(address.value.lastIndexOf('/') + 1)),
    );
  }
  const volume = it.volumes[0]?.name;
  const users = it.pod.containers
    .filter(({ mounts }) => mounts.some((mount) => mount.volume === volume))
    .map(({ name }) => name);
  const where =
    volume === undefined
      ? 'the pod has no such volume'
      : `volume ${volume} is mounted in ${users.length === 0 ? 'no container' : users.join(', ')}`;
  const directory = address.value.slice(0, address.value.lastIndexOf('/')) || '/spiffe-workload-api';
  return {
    ...addressFinding(it, 'not-mounted', { path: address.value, where }, address, address.value),
    culprit: it.pod.workload,
    phase: 'active',
    fix: mountWorkloadApi(it.pod, it.helper.container, directory, volume),
  };
}

function wrongName(
  it: HelperCase,
  address: Address,
  name: string,
  served: readonly string[],
  from: Origin | undefined,
): Finding {
  const said = it.log?.dialError ? ` Its log: ${quoteOf(it.log.dialError.text)}` : '';
  const directory = address.value.slice(0, address.value.length - name.length);
  const finding = addressFinding(
    it,
    'wrong-name',
    { path: address.value, name, served: [...served], said },
    address,
    `${directory}${served[0] ?? USUAL_NAME}`,
  );
  const serves = from ? [{ from, excerpt: `serves ${served.join(', ')}` }] : [];
  return { ...finding, evidence: [...finding.evidence, ...serves, ...dialEvidence(it)] };
}

function unusualName(it: HelperCase, address: Address, name: string, why: Unknown): Finding {
  const directory = address.value.slice(0, address.value.length - name.length);
  return addressFinding(
    it,
    'unusual-name',
    { path: address.value, name, why: why.detail },
    address,
    `${directory}${USUAL_NAME}`,
  );
}
