import type { Finding } from '../../src/doctor/check.ts';
import type { HelperConfig, Setting } from '../../src/evidence/facts/helpers.ts';
import { setTopLevel, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { textFix } from './fix.ts';
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
  const present = FILES.filter((_key, index) => names[index] !== '');
  const absent = FILES.filter((_key, index) => names[index] === '');
  if (absent.length === 0) return [];
  if (present.length === 0 && (config.jwtSvids || config.jwtBundleFileName?.value)) return [];
  const [svid = '', key = '', bundle = ''] = names;
  const certificate = svid || key.replace(/\.key$/, '') || 'svid.pem';
  const wanted = [certificate, key || `${certificate}.key`, bundle || 'bundle.pem'];
  let fresh: string | undefined = scene.source.text;
  for (const [index, file] of FILES.entries()) {
    if (names[index] === '' && fresh !== undefined) fresh = setTopLevel(fresh, file, JSON.stringify(wanted[index]));
  }
  const good = verified(fresh, scene.release, ({ svidFileName, svidKeyFileName, svidBundleFileName }) =>
    [svidFileName, svidKeyFileName, svidBundleFileName].every((setting) => setting?.value),
  );
  const summary =
    'Name all three files as HAProxy reads them; the key is found beside the certificate under its name with .key appended.';
  const at = config.svidFileName ?? config.svidKeyFileName ?? config.svidBundleFileName ?? START;
  const message = present.length === 0 ? 'nothing-configured' : 'partial-files';
  return [{ ...textFinding(scene, message, at, { present, absent }), fix: textFix(scene, summary, good) }];
}

function invalidSettings(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  return problemsOf(scene, config).map(([problem, setting]) => ({
    ...textFinding(scene, 'invalid-setting', setting, { problem }),
    fix: textFix(scene, 'Correct or leave out the setting.', undefined),
  }));
}

type Problem = readonly [problem: string, at: Pick<Setting<unknown>, 'line' | 'column'>];

function problemsOf(scene: SourcedScene, config: HelperConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const { pidFileName, renewSignal, jwtSvidList, healthChecks } = config;
  const daemon = scene.view.arguments.daemonMode ?? config.daemonMode?.value ?? true;
  if (pidFileName?.value && !renewSignal?.value) problems.push(['pid_file_name needs renew_signal', pidFileName]);
  if (pidFileName?.value && !daemon) problems.push(['pid_file_name needs daemon mode', pidFileName]);
  for (const svid of jwtSvidList) {
    if (svid.unknownKeys.length > 0) problems.push([`jwt_svids has no ${svid.unknownKeys.join(', ')}`, svid]);
    else if (!svid.fileName?.value)
      problems.push(['jwt_svids lacks jwt_svid_file_name (entries stand in a list: jwt_svids = [ { … } ])', svid]);
    else if (!svid.audience?.value) problems.push(['jwt_svids lacks jwt_audience', svid]);
  }
  const { certFileMode, keyFileMode, jwtBundleFileMode, jwtSvidFileMode } = config;
  for (const mode of [certFileMode, keyFileMode, jwtBundleFileMode, jwtSvidFileMode]) {
    if (mode && mode.value < 0) problems.push(['a file mode must not be negative', mode]);
  }
  const { listenerEnabled, bindPort, livenessPath, readinessPath } = healthChecks ?? {};
  if (listenerEnabled?.value !== true) return problems;
  if (bindPort && (bindPort.value < 0 || bindPort.value > 65_535)) problems.push(['bind_port is not a port', bindPort]);
  const same = (livenessPath?.value || '/live') === (readinessPath?.value || '/ready');
  if (same && daemon)
    problems.push(['liveness_path and readiness_path must differ', livenessPath ?? readinessPath ?? listenerEnabled]);
  return problems;
}

/** Releases from 0.9 to 0.11 exit; what comes after 0.11 knows the second variable only. */
function twoAddresses(scene: SourcedScene, config: HelperConfig): readonly Finding[] {
  const { env, path } = scene.helper.container;
  const isSet = (name: string) => env.some((one) => one.name === name && one.endpoint?.path !== '');
  if (config.agentAddress?.value || scene.release === '0.8') return [];
  if (!isSet('SPIRE_AGENT_ADDRESS') || !isSet('SPIFFE_ENDPOINT_SOCKET')) return [];
  const { pod, view } = scene;
  const { kind, name, namespace } = pod.workload;
  const finding = textFinding(scene, 'two-addresses', config.agentAddress ?? START);
  const target = `${kind.toLowerCase()}/${name}`;
  const args = ['set', 'env', target, '--containers', view.helper, 'SPIRE_AGENT_ADDRESS-'];
  return [
    {
      ...finding,
      culprit: pod.workload,
      evidence: [
        { from: { object: pod.ref, field: `${path}.env` }, excerpt: 'SPIRE_AGENT_ADDRESS, SPIFFE_ENDPOINT_SOCKET' },
      ],
      fix: {
        summary: 'Remove SPIRE_AGENT_ADDRESS, or set agent_address in helper.conf, which outranks both.',
        ...(scene.at.fromFiles ? {} : { commands: [{ ...(namespace === undefined ? {} : { namespace }), args }] }),
        durable: `env of container ${view.helper} (with the HAPTIC chart: haproxy.sidecars)`,
        impact: 'rollout',
      },
    },
  ];
}
