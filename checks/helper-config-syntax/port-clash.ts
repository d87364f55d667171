import type { Evidence, Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfig } from '../../src/evidence/facts/helpers.ts';
import { setHealthCheck, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { templatePatch, textFix, withoutRestart } from './fix.ts';
import { type Listener, listenerOf } from './listener-findings.ts';
import { runningPhase, type SourcedScene, textFinding } from './scene.ts';

interface Rival {
  readonly other: string;
  /** `hint`: a declared port, which need not be opened. */
  readonly proof: 'shown' | 'hint';
  readonly evidence: Evidence;
}

/** Another listener of the pod on spiffe-helper's health port. */
export function portClash(scene: SourcedScene, config: HelperConfig, { port }: Listener): Finding | undefined {
  const rival =
    boundByHaproxy(scene, port) ?? secondHelper(scene, port) ?? refused(scene, port) ?? declaredPort(scene, port);
  if (!rival) return undefined;
  const at = config.healthChecks?.bindPort ?? config.healthChecks?.listenerEnabled ?? { line: 1, column: 1 };
  const finding = textFinding(scene, 'port-clash', at, { port, other: rival.other });
  const free = freePort(scene, port);
  const fresh = verified(
    setHealthCheck(scene.source.text, 'bind_port', String(free)),
    scene.release,
    (after) => after.healthChecks?.bindPort?.value === free,
  );
  return {
    ...finding,
    evidence: [...finding.evidence, rival.evidence],
    severity: rival.proof === 'shown' ? 'fail' : 'warn',
    phase: runningPhase(scene),
    fix: movePort(scene, free, fresh),
  };
}

/** Both sides at once: a helper that answers where nobody asks is restarted for ever. */
function movePort(scene: SourcedScene, free: number, fresh: string | undefined): Fix {
  const { name, place, probes } = scene.helper.container;
  const fix = textFix(scene, `Give the helper a port of its own, ${free} for example, and its probes the same.`, fresh);
  const moved = Object.fromEntries(probes.map(({ kind }) => [`${kind}Probe`, { httpGet: { port: free } }]));
  const list = place === 'native-sidecar' ? 'initContainers' : 'containers';
  const { commands = [] } = probes.length > 0 ? templatePatch(scene, list, { name, ...moved }) : {};
  const preconditions = [
    ...(fix.preconditions ?? []),
    `the probes of container ${name} change to port ${free} in the same roll-out`,
  ];
  if (!fix.commands || commands.length === 0) return { ...fix, impact: 'rollout', preconditions };
  return { ...fix, commands: [...withoutRestart(fix), ...commands], impact: 'rollout', preconditions };
}

function boundByHaproxy({ rendered }: SourcedScene, port: number): Rival | undefined {
  if (rendered.state !== 'known') return undefined;
  const bind = rendered.value.binds.find((one) => one.port === port);
  if (!bind) return undefined;
  const from = { ...rendered.value.origin, line: bind.line };
  return {
    other: 'a bind line of HAProxy',
    proof: 'shown',
    evidence: { from, excerpt: `bind ${bind.address}:${port}` },
  };
}

/** The later of two helpers on one port; the first one got it. */
function secondHelper({ pod, view, others }: SourcedScene, port: number): Rival | undefined {
  // Plain init containers have ended before the others start.
  const order = pod.containers.filter(({ place }) => place !== 'init').map(({ name }) => name);
  const first = others.find((other) => {
    if (other.parsed.state !== 'known' || !other.parsed.value.ok) return false;
    const earlier = order.includes(other.helper) && order.indexOf(other.helper) < order.indexOf(view.helper);
    return earlier && listenerOf(other.parsed.value.config, other)?.port === port;
  });
  if (!first) return undefined;
  const from = first.source.state === 'known' ? first.source.from : { object: pod.ref };
  return { other: `container ${first.helper}`, proof: 'shown', evidence: { from, excerpt: `bind_port ${port}` } };
}

/** The helper says itself that the port was taken, by whomever: with the node's network by anything on the node. */
function refused({ log, pod, view }: SourcedScene, port: number): Rival | undefined {
  if (log.state !== 'known' || view.inEffect === 'no') return undefined;
  const line = log.value?.lines.findLast(
    ({ text }) => /Error serving health checks/.test(text) && text.includes(`:${port}: bind: address already in use`),
  );
  if (!line) return undefined;
  const from = { object: pod.ref, field: `log of ${view.helper}` };
  const other = pod.hostNetwork ? 'something on the node, whose network the pod uses,' : 'another process';
  return { other, proof: 'shown', evidence: { from, excerpt: line.text } };
}

function declaredPort({ pod, view }: SourcedScene, port: number): Rival | undefined {
  const other = pod.containers.find(
    ({ name, role, place, ports }) =>
      name !== view.helper && role !== 'spiffe-helper' && place !== 'init' && ports.some((one) => one.port === port),
  );
  if (!other) return undefined;
  const from = { object: pod.ref, field: `${other.path}.ports` };
  return { other: `container ${other.name}`, proof: 'hint', evidence: { from, excerpt: `containerPort: ${port}` } };
}

function freePort(scene: SourcedScene, port: number): number {
  let free = port + 10;
  while (boundByHaproxy(scene, free) ?? declaredPort(scene, free)) free += 1;
  return free;
}
