import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfig, HelperConfigView } from '../../src/evidence/facts/helpers.ts';
import { setHealthCheck, verified } from '../../src/evidence/helper-config/rewrite.ts';
import type { HttpProbeView } from '../../src/evidence/pod-view.ts';
import { setImage } from '../../src/evidence/workload-change.ts';
import { runningTextFix, textFix, withoutRestart } from './fix.ts';
import { portClash } from './port-clash.ts';
import { lackingOf, runningPhase, type SourcedScene, textFinding } from './scene.ts';

export interface Listener {
  readonly port: number;
  readonly livenessPath: string;
  readonly readinessPath: string;
}

/** A release with a health listener. */
const WITH_LISTENER = '0.11.0';

const START = { line: 1, column: 1 };

/** Where spiffe-helper answers probes; undefined when it doesn't listen. */
export function listenerOf(config: HelperConfig, view: HelperConfigView): Listener | undefined {
  const { listenerEnabled, bindPort, livenessPath, readinessPath } = config.healthChecks ?? {};
  if (!isDaemon(config, view) || listenerEnabled?.value !== true) return undefined;
  return {
    port: bindPort?.value || 8081,
    livenessPath: livenessPath?.value || '/live',
    readinessPath: readinessPath?.value || '/ready',
  };
}

function isDaemon(config: HelperConfig, view: HelperConfigView): boolean {
  return view.arguments.daemonMode ?? config.daemonMode?.value ?? true;
}

/** The health port against the probes of the container and against whoever else listens in the pod. */
export function listenerFindings(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { probes, place } = scene.helper.container;
  // One that fetches once and exits never listens; that it exits is another finding.
  if (place === 'init' || !isDaemon(config, scene.view)) return [];
  const listener = listenerOf(config, scene.view);
  if (config.unsaid?.includes('health_checks')) return [];
  if (!listener && lackingOf(scene, config)?.keys.includes('health_checks')) return [];
  if (!listener) return probes.length === 0 ? [] : [listenerOff(scene, config, probes)];
  const clash = portClash(scene, config, listener);
  return [...mismatches(scene, config, listener, probes), ...(clash ? [clash] : [])];
}

function listenerOff(scene: SourcedScene, config: HelperConfig, probes: readonly HttpProbeView[]): Finding {
  const setting = config.healthChecks?.listenerEnabled;
  const old = scene.release === '0.8' || scene.release === '0.9';
  const why = old
    ? `spiffe-helper ${scene.release} has no health listener`
    : 'listener_enabled is not true, so spiffe-helper does not listen';
  const port = probes[0]?.port ?? 8081;
  const finding = textFinding(scene, 'listener-off', setting ?? START, {
    probes: probes.map(({ kind }) => kind),
    port,
    why,
  });
  const fresh = old ? undefined : setHealthCheck(scene.source.text, 'listener_enabled', 'true');
  const good = verified(fresh, scene.release, (after) => after.healthChecks?.listenerEnabled?.value === true);
  const summary = old ? 'Use spiffe-helper 0.10 or later, or remove the probes.' : 'Turn the listener on.';
  return {
    ...finding,
    evidence: evidence(scene, finding, probes),
    phase: runningPhase(scene),
    fix: old ? newerRelease(scene, summary) : runningTextFix(scene, summary, good),
  };
}

/** Two changes that take effect together: the listener in the text, and the release that has one. */
function newerRelease(scene: SourcedScene, summary: string): Fix {
  const { repository, basename } = scene.helper.container.image;
  const image = `${repository === '' ? '' : `${repository}/`}${basename}:${WITH_LISTENER}`;
  const fresh = verified(
    setHealthCheck(scene.source.text, 'listener_enabled', 'true'),
    '0.11',
    (after) => after.healthChecks?.listenerEnabled?.value === true,
  );
  const fix = textFix(scene, summary, fresh);
  if (!fix.commands) return fix;
  return {
    ...fix,
    commands: [...withoutRestart(fix), ...setImage(scene.pod, scene.helper.container, image)],
    impact: 'rollout',
    preconditions: [...(fix.preconditions ?? []), `${repository || 'Docker Hub'} has ${basename}:${WITH_LISTENER}`],
  };
}

function mismatches(
  scene: SourcedScene,
  config: HelperConfig,
  listener: Listener,
  probes: readonly HttpProbeView[],
): readonly Finding[] {
  // Two handlers of one path end the process, which is a finding of its own; which one is meant is not plain.
  const clear = listener.livenessPath !== listener.readinessPath;
  const wrong = probes.filter((probe) => probe.port !== listener.port || (clear && !isServed(probe.path, listener)));
  return wrong.map((probe) => {
    const { bindPort, livenessPath, readinessPath, listenerEnabled } = config.healthChecks ?? {};
    const path = probe.kind === 'readiness' ? readinessPath : livenessPath;
    const at = (probe.port === listener.port ? path : bindPort) ?? listenerEnabled ?? START;
    const data = { probe: probe.kind, probePort: probe.port, probePath: probe.path, ...listener };
    const finding = textFinding(scene, 'probe-mismatch', at, data);
    const summary = 'Let helper.conf answer where the probes ask.';
    const fix = runningTextFix(scene, summary, fitted(scene, listener, probes));
    return { ...finding, evidence: evidence(scene, finding, [probe]), phase: runningPhase(scene), fix };
  });
}

/** The text with the port and paths that the probes ask, when they agree among themselves. */
function fitted(scene: SourcedScene, listener: Listener, probes: readonly HttpProbeView[]): string | undefined {
  const [port, ...otherPorts] = new Set(probes.map((probe) => probe.port));
  if (typeof port !== 'number' || otherPorts.length > 0) return undefined;
  const path = (...kinds: readonly HttpProbeView['kind'][]) => probes.find(({ kind }) => kinds.includes(kind))?.path;
  const liveness = path('liveness', 'startup');
  const readiness = path('readiness');
  let fresh: string | undefined = scene.source.text;
  const set = (key: string, literal: string) => {
    if (fresh !== undefined) fresh = setHealthCheck(fresh, key, literal);
  };
  if (port !== listener.port) set('bind_port', String(port));
  if (liveness && liveness !== listener.livenessPath) set('liveness_path', JSON.stringify(liveness));
  if (readiness && readiness !== listener.readinessPath) set('readiness_path', JSON.stringify(readiness));
  return verified(fresh, scene.release, (config) => {
    const after = listenerOf(config, scene.view);
    if (!after || after.livenessPath === after.readinessPath) return false;
    return probes.every((probe) => probe.port === after.port && isServed(probe.path, after));
  });
}

/** Go's handler patterns: a path, or everything below it when it ends with a slash. */
function isServed(asked: string, { livenessPath, readinessPath }: Listener): boolean {
  const [path = ''] = asked.split('?');
  return [livenessPath, readinessPath].some(
    (pattern) => path === pattern || (pattern.endsWith('/') && path.startsWith(pattern)),
  );
}

function evidence({ pod }: SourcedScene, finding: Finding, probes: readonly HttpProbeView[]): Finding['evidence'] {
  const asked = probes.map(({ field, path, port }) => ({
    from: { object: pod.ref, field },
    excerpt: `${path} on port ${port}`,
  }));
  return [...finding.evidence, ...asked];
}
