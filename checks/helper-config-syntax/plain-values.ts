import { posix } from 'node:path';
import { isSpiffeDriver } from '../../src/evidence/container-role.ts';
import { type Rewritten, verified } from '../../src/evidence/helper-config/rewrite.ts';
import { mountOf, pathInContainer } from '../../src/evidence/mount-paths.ts';
import type { HelperScene, SourcedScene } from './scene.ts';

/** Name of the agent's socket in the volume of the CSI driver, as SPIRE's chart has it. */
const SOCKET = 'spire-agent.sock';

/**
 * What a setting says when it fits the rest of the pod: the paths that HAProxy reads, the volume of the Workload API,
 * the probes of the container. Undefined for settings that only their author can fill.
 */
export function plainLiteral(scene: HelperScene, key: string): string | undefined {
  const expected = expectedOf(scene);
  const svid = posix.basename(expected?.svid ?? 'svid.pem');
  switch (key.toLowerCase()) {
    case 'agent_address':
      return quoted(workloadApiSocket(scene));
    case 'cert_dir':
      return quoted(certDir(scene));
    case 'svid_file_name':
      return quoted(svid);
    case 'svid_key_file_name':
      return quoted(`${svid}.key`);
    case 'svid_bundle_file_name':
      return quoted(posix.basename(expected?.bundle ?? 'bundle.pem'));
    case 'daemon_mode':
    case 'listener_enabled':
      return 'true';
    case 'bind_port':
      return String(probed(scene, 'liveness', 'readiness', 'startup')?.port ?? 8081);
    case 'liveness_path':
      return quoted(probed(scene, 'liveness', 'startup')?.path ?? '/live');
    case 'readiness_path':
      return quoted(probed(scene, 'readiness')?.path ?? '/ready');
    case 'cert_file_mode':
      return '0644';
    case 'key_file_mode':
    case 'jwt_bundle_file_mode':
    case 'jwt_svid_file_mode':
      return '0600';
    default:
      return undefined;
  }
}

/** The text with a plain value on a line that sets `key`; without that line where there is no plain value. */
export function withPlainValue(scene: SourcedScene, line: number, key: string): Rewritten {
  const lines = scene.source.text.split('\n');
  const [, indent] = /^(\s*)"?[\w.-]+"?\s*[=:]?\s*[^\s[{]/.exec(lines[line - 1] ?? '') ?? [];
  if (indent === undefined) return undefined;
  const literal = plainLiteral(scene, key);
  const fresh = literal === undefined ? [] : [`${indent}${key} = ${literal}`];
  return verified(lines.toSpliced(line - 1, 1, ...fresh).join('\n'), scene.release, () => true);
}

/** A whole helper.conf for this pod, with a health listener where the release has one. */
export function plainConfig(scene: HelperScene): string {
  const keys = [
    'agent_address',
    'cert_dir',
    'svid_file_name',
    'svid_key_file_name',
    'svid_bundle_file_name',
    'daemon_mode',
  ];
  const setting = (key: string, indent = '') => {
    const literal = plainLiteral(scene, key);
    return literal === undefined ? [] : [`${indent}${key} = ${literal}`];
  };
  const listens = scene.release !== '0.8' && scene.release !== '0.9' && scene.helper.container.probes.length > 0;
  const health = ['listener_enabled', 'bind_port', 'liveness_path', 'readiness_path'];
  const block = listens ? ['health_checks {', ...health.flatMap((key) => setting(key, '  ')), '}'] : [];
  return [...keys.flatMap((key) => setting(key)), ...block, ''].join('\n');
}

function expectedOf({ directory }: HelperScene) {
  return directory.state === 'known' ? directory.value.expected : undefined;
}

function workloadApiSocket({ pod, helper }: HelperScene): string | undefined {
  const volumes = pod.volumes.flatMap((volume) =>
    volume.type === 'csi' && isSpiffeDriver(volume.driver) ? [volume.name] : [],
  );
  const mount = helper.container.mounts.find(({ volume }) => volumes.includes(volume));
  return mount && posix.join(mount.path, SOCKET);
}

/** The helper's path of the directory that HAProxy reads; HAPTIC's own where no configuration names one. */
function certDir(scene: HelperScene): string | undefined {
  const { pod, helper } = scene;
  const wanted = expectedOf(scene)?.directory ?? '/etc/haproxy/spiffe';
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const mounted = haproxy && mountOf(haproxy, wanted);
  return mounted && pathInContainer(helper.container, mounted.mount.volume, mounted.inVolume);
}

function probed({ helper }: HelperScene, ...kinds: readonly ('liveness' | 'readiness' | 'startup')[]) {
  const probe = helper.container.probes.find(({ kind, port }) => kinds.includes(kind) && typeof port === 'number');
  return probe && { port: probe.port, path: probe.path.split('?')[0] ?? probe.path };
}

/** HCL expands `${…}` and reads backslashes; a path with such characters is left to people. */
function quoted(text: string | undefined): string | undefined {
  return text === undefined || !/^[\w./@+ -]+$/.test(text) ? undefined : `"${text}"`;
}
