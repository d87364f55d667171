import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfig, Setting } from '../../src/evidence/facts/helpers.ts';
import {
  dropKeys,
  type Rewritten,
  setHealthCheck,
  setTopLevel,
  verified,
} from '../../src/evidence/helper-config/rewrite.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import { textFix } from './fix.ts';
import { plainConfig, plainLiteral } from './plain-values.ts';
import { type SourcedScene, textFinding } from './scene.ts';

const FILES = ['svid_file_name', 'svid_key_file_name', 'svid_bundle_file_name'] as const;
const START = { line: 1, column: 1 };

/** What spiffe-helper refuses after the text has been read. */
export function ruleFindings(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  return [...fileNames(scene, config), ...invalidSettings(scene, config), ...twoAddresses(scene, config)];
}

/** All three names or none; none only when there is something else to write. */
function fileNames(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const names = [config.svidFileName, config.svidKeyFileName, config.svidBundleFileName].map(
    (setting) => setting?.value ?? '',
  );
  const isSet = (key: string, index: number) => names[index] !== '' || config.unsaid?.includes(key);
  const present = FILES.filter((key, index) => isSet(key, index));
  const absent = FILES.filter((key, index) => !isSet(key, index));
  if (absent.length === 0) return [];
  if (present.length === 0 && (config.jwtSvids || config.jwtBundleFileName?.value)) return [];
  const fresh = config.keys.length === 0 ? plainConfig(scene) : withNames(scene, config, absent);
  const good = verified(fresh, scene.release, ({ svidFileName, svidKeyFileName, svidBundleFileName }) =>
    [svidFileName, svidKeyFileName, svidBundleFileName].every((setting) => setting?.value),
  );
  const summary =
    'Name all three files as HAProxy reads them; the key is found beside the certificate under its name with .key appended.';
  const at = config.svidFileName ?? config.svidKeyFileName ?? config.svidBundleFileName ?? START;
  const message = present.length === 0 ? 'nothing-configured' : 'partial-files';
  return [{ ...textFinding(scene, message, at, { present, absent }), fix: textFix(scene, summary, good) }];
}

/** The text with the names that are absent, fitting those that are there. */
function withNames(scene: SourcedScene, config: HelperConfig, absent: readonly (typeof FILES)[number][]): Rewritten {
  const { svidFileName, svidKeyFileName, svidBundleFileName } = config;
  const certificate = svidFileName?.value || svidKeyFileName?.value.replace(/\.key$/, '') || 'svid.pem';
  const names = {
    svid_file_name: certificate,
    svid_key_file_name: svidKeyFileName?.value || `${certificate}.key`,
    svid_bundle_file_name: svidBundleFileName?.value || 'bundle.pem',
  };
  const settings = absent.map((file) => [file, JSON.stringify(names[file])] as const);
  // Who names no files has named nothing else either.
  const places =
    absent.length < FILES.length
      ? []
      : [['cert_dir', config.certDir] as const, ['agent_address', config.agentAddress] as const];
  const missing = places.flatMap(([key, setting]) => {
    const literal = setting?.value || config.unsaid?.includes(key) ? undefined : plainLiteral(scene, key);
    return literal === undefined ? [] : [[key, literal] as const];
  });
  let fresh: string | undefined = scene.source.text;
  for (const [key, literal] of [...settings, ...missing]) {
    if (fresh !== undefined) fresh = setTopLevel(fresh, key, literal);
  }
  return fresh;
}

function invalidSettings(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const problems = problemsOf(scene, config);
  return problems.map(({ problem, at, summary, mend }) => {
    const fresh = verified(mend(scene.source.text), scene.release, (after) => {
      const left = problemsOf(scene, after);
      return left.length < problems.length && !left.some((other) => other.problem === problem);
    });
    return { ...textFinding(scene, 'invalid-setting', at, { problem }), fix: textFix(scene, summary, fresh) };
  });
}

interface Problem {
  readonly problem: string;
  readonly at: Pick<Setting<unknown>, 'line' | 'column'>;
  readonly summary: string;
  readonly mend: (text: string) => Rewritten;
}

function problemsOf(scene: SourcedScene, config: HelperConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const { pidFileName, renewSignal, jwtSvidList, healthChecks } = config;
  const daemon = scene.view.arguments.daemonMode ?? config.daemonMode?.value ?? true;
  const noSignal = {
    summary: 'Leave pid_file_name out: a sidecar that pushes the files into HAProxy needs no signal.',
    mend: (text: string) => dropKeys(text, ['pid_file_name', 'renew_signal']),
  };
  if (pidFileName?.value && !renewSignal?.value)
    problems.push({ problem: 'pid_file_name needs renew_signal', at: pidFileName, ...noSignal });
  if (pidFileName?.value && !daemon)
    problems.push({ problem: 'pid_file_name needs daemon mode', at: pidFileName, ...noSignal });
  const noTokens = {
    summary: 'Leave jwt_svids out, unless something in the pod reads such a token: HAProxy does not.',
    mend: withoutTokens,
  };
  for (const svid of jwtSvidList) {
    if (svid.unknownKeys.length > 0)
      problems.push({ problem: `jwt_svids has no ${svid.unknownKeys.join(', ')}`, at: svid, ...noTokens });
    else if (!svid.fileName?.value)
      problems.push({
        problem: 'jwt_svids lacks jwt_svid_file_name (entries stand in a list: jwt_svids = [ { … } ])',
        at: svid,
        ...noTokens,
      });
    else if (!svid.audience?.value) problems.push({ problem: 'jwt_svids lacks jwt_audience', at: svid, ...noTokens });
  }
  const { certFileMode, keyFileMode, jwtBundleFileMode, jwtSvidFileMode } = config;
  const modes = Object.entries({
    cert_file_mode: certFileMode,
    key_file_mode: keyFileMode,
    jwt_bundle_file_mode: jwtBundleFileMode,
    jwt_svid_file_mode: jwtSvidFileMode,
  });
  for (const [key, mode] of modes) {
    const literal = plainLiteral(scene, key);
    if (mode && mode.value < 0 && literal !== undefined)
      problems.push({
        problem: 'a file mode must not be negative',
        at: mode,
        summary: `Write ${key} = ${literal}.`,
        mend: (text) => setTopLevel(text, key, literal),
      });
  }
  const { listenerEnabled, bindPort, livenessPath, readinessPath } = healthChecks ?? {};
  if (listenerEnabled?.value !== true) return problems;
  const health = (text: string, key: string) => setHealthCheck(text, key, plainLiteral(scene, key) ?? '');
  if (bindPort && (bindPort.value < 0 || bindPort.value > 65_535))
    problems.push({
      problem: 'bind_port is not a port',
      at: bindPort,
      summary: 'Set bind_port to the port that the probes ask.',
      mend: (text) => health(text, 'bind_port'),
    });
  const same = (livenessPath?.value || '/live') === (readinessPath?.value || '/ready');
  if (same && daemon)
    problems.push({
      problem: 'liveness_path and readiness_path must differ',
      at: livenessPath ?? readinessPath ?? listenerEnabled,
      summary: 'Give the two probes paths of their own.',
      mend: (text) => {
        const fresh = health(text, 'liveness_path');
        return fresh === undefined ? undefined : health(fresh, 'readiness_path');
      },
    });
  return problems;
}

/** The text without its jwt_svids, whether they stand in a list or in blocks. */
function withoutTokens(text: string): Rewritten {
  const lines = text.split('\n');
  const kept: string[] = [];
  let depth = 0;
  let inside = false;
  for (const line of lines) {
    const begins = !inside && /^\s*jwt_svids\b/.test(line);
    if (!begins && !inside) kept.push(line);
    else {
      const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/(?:#|\/\/).*$/, '');
      depth += (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
      inside = depth > 0;
    }
  }
  return kept.length === lines.length || inside ? undefined : kept.join('\n');
}

/** Releases from 0.9 to 0.11 exit; what comes after 0.11 knows the second variable only. */
function twoAddresses(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { env, path } = scene.helper.container;
  const isSet = (name: string) => env.some((one) => one.name === name && one.endpoint?.path !== '');
  if (config.agentAddress?.value || scene.release === '0.8') return [];
  if (!isSet('SPIRE_AGENT_ADDRESS') || !isSet('SPIFFE_ENDPOINT_SOCKET')) return [];
  const { pod, view } = scene;
  const finding = textFinding(scene, 'two-addresses', config.agentAddress ?? START);
  const removed = { env: [{ name: 'SPIRE_AGENT_ADDRESS', $patch: 'delete' }] };
  return [
    {
      ...finding,
      culprit: pod.workload,
      evidence: [
        { from: { object: pod.ref, field: `${path}.env` }, excerpt: 'SPIRE_AGENT_ADDRESS, SPIFFE_ENDPOINT_SOCKET' },
      ],
      fix: {
        summary: 'Remove SPIRE_AGENT_ADDRESS, or set agent_address in helper.conf, which outranks both.',
        ...(scene.at.fromFiles
          ? {}
          : { commands: changeTemplate(pod, containerPatch(scene.helper.container, removed)) }),
        durable: `env of container ${view.helper} (with the HAPTIC chart: haproxy.sidecars)`,
        impact: 'rollout',
      },
    },
  ];
}
