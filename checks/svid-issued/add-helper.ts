import { posix } from 'node:path';
import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { SvidFiles, SvidPaths } from '../../src/evidence/facts/svid-files.ts';
import type { ServingAgent, WorkloadApiVolumes } from '../../src/evidence/facts/workload-api.ts';
import { mountOf } from '../../src/evidence/mount-paths.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { changeTemplate } from '../../src/evidence/workload-change.ts';

/** The release that this project's knowledge of helper.conf is about. */
const IMAGE = 'ghcr.io/spiffe/spiffe-helper:0.11.0';
const WORKLOAD_API = '/spiffe-workload-api';
/** What the SPIRE chart serves, whatever else. */
const USUAL_SOCKET = 'spire-agent.sock';

interface Scene {
  readonly pod: PodView;
  readonly svidFiles: Reading<SvidFiles>;
  readonly volumes: Reading<WorkloadApiVolumes>;
  readonly agents: Reading<readonly ServingAgent[]>;
}

/** A spiffe-helper beside HAProxy that writes where HAProxy reads; by hand where that is no directory it could share. */
export function addHelperFix(scene: Scene): Fix {
  return {
    summary: 'Add a spiffe-helper to the HAProxy pods, with a configuration that writes where HAProxy reads.',
    ...(commandsFor(scene) ?? {
      manual:
        'the sidecar needs volumes and a configuration of its own: the guide\u2019s section shows all of them, and HAProxy\u2019s directory for them was not seen or is no emptyDir',
    }),
    durable: 'haproxy.sidecars, haproxy.extraVolumes and extraDeploy in the values of the HAPTIC chart',
    impact: 'rollout',
  };
}

function commandsFor({ pod, svidFiles, volumes, agents }: Scene): Pick<Fix, 'commands' | 'preconditions'> | undefined {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  if (svidFiles.state !== 'known' || !haproxy) return undefined;
  const { paths } = svidFiles.value;
  const mounted = mountOf(haproxy, paths.svid)?.mount;
  const shared = pod.volumes.find(({ name, type }) => name === mounted?.volume && type === 'emptyDir');
  if (!mounted || !shared) return undefined;
  const seen =
    volumes.state === 'known' ? volumes.value.volumes.find(({ driver }) => driver === 'csi.spiffe.io') : undefined;
  const api = seen?.name ?? free(pod, 'spiffe-workload-api');
  const config = free(pod, 'spiffe-helper-config');
  const name = `${pod.workload.name}-${config}`;
  const container = {
    name: 'spiffe-helper',
    image: IMAGE,
    args: ['-config', '/etc/spiffe-helper/helper.conf'],
    ...(haproxy.runAsUser === null
      ? {}
      : { securityContext: { runAsUser: haproxy.runAsUser, runAsNonRoot: haproxy.runAsUser !== 0 } }),
    volumeMounts: [
      { name: api, mountPath: WORKLOAD_API, readOnly: true },
      {
        name: shared.name,
        mountPath: mounted.path,
        ...(mounted.subPath === undefined ? {} : { subPath: mounted.subPath }),
      },
      { name: config, mountPath: '/etc/spiffe-helper', readOnly: true },
    ],
  };
  const change = changeTemplate(pod, {
    containers: [container],
    volumes: [
      ...(seen ? [] : [{ name: api, csi: { driver: 'csi.spiffe.io', readOnly: true } }]),
      { name: config, configMap: { name } },
    ],
  });
  if (change.length === 0) return undefined;
  const namespace = pod.ref.namespace === undefined ? {} : { namespace: pod.ref.namespace };
  const configMap: KubectlCommand = {
    ...namespace,
    args: ['apply', '-f', '-'],
    stdin: {
      document: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, ...namespace },
        data: { 'helper.conf': helperConfig(paths, socketOf(agents)) },
      },
    },
  };
  return {
    commands: [configMap, ...change],
    preconditions: [
      `no other container is meant to write into ${paths.directory}`,
      'a SPIRE agent is ready on the nodes of these pods: a new pod needs an SVID',
    ],
  };
}

function helperConfig({ svid, key, bundle, directory }: SvidPaths, socket: string): string {
  const settings: readonly (readonly [string, string])[] = [
    ['agent_address', `${WORKLOAD_API}/${socket}`],
    ['cert_dir', directory],
    ['svid_file_name', posix.basename(svid)],
    ['svid_key_file_name', posix.basename(key)],
    ['svid_bundle_file_name', posix.basename(bundle)],
  ];
  return [...settings.map(([name, value]) => `${name} = ${JSON.stringify(value)}`), 'daemon_mode = true', ''].join(
    '\n',
  );
}

function socketOf(agents: Reading<readonly ServingAgent[]>): string {
  const sockets = agents.state === 'known' ? agents.value[0]?.sockets : undefined;
  return (sockets?.state === 'known' ? sockets.value[0]?.name : undefined) ?? USUAL_SOCKET;
}

/** A name that no volume of the pod has. */
function free({ volumes }: PodView, name: string): string {
  let wanted = name;
  for (let count = 2; volumes.some((volume) => volume.name === wanted); count++) wanted = `${name}-${count}`;
  return wanted;
}
