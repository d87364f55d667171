import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { hidingMount } from '../../src/evidence/mount-paths.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, MountView, PodView } from '../../src/evidence/pod-view.ts';
import { type Origin, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { commandsOf } from '../../src/evidence/shell-script.ts';
import { belongsToRoot } from '../../src/evidence/spiffe-directory/storage.ts';
import { certDirFix, initFix, missing, mountFix, unmountFix } from './fixes.ts';
import type { Layout } from './layout-fixes.ts';

const YOUNG_MS = 60_000;

export interface DirectoryJudgement {
  readonly findings: readonly Finding[];
  readonly cannotTell?: Unknown;
  /** The running pod showed the directory. */
  readonly observed: boolean;
}

/** Whether the directory of one helper is there, and where HAProxy can see it. */
export function judgeDirectory(layout: Layout, files: SvidFiles | undefined, now: number): DirectoryJudgement {
  const { plan } = layout;
  const { helper, config } = plan;
  if (config.state === 'known') return judgePlan(layout, files, now);
  const why =
    config.state === 'unknown' ? config : unknown('unreadable', `helper.conf of container ${helper.name} is not there`);
  const blind: DirectoryJudgement = { findings: [], cannotTell: why, observed: false };
  if (plan.directory === undefined) return blind;
  // Where HAProxy reads the directory has to be, whatever helper.conf says; that the helper writes there its files show.
  const judged = judgePlan(layout, files, now);
  if (judged.findings.length > 0 || judged.cannotTell) return judged;
  return files?.svid.state === 'known' && files.paths.directory === plan.inHaproxy ? judged : blind;
}

function judgePlan(layout: Layout, files: SvidFiles | undefined, now: number): DirectoryJudgement {
  const { pod, plan } = layout;
  const { helper, config, directory, volume } = plan;
  const culprit = pod.workload;
  const data = { helper: helper.name, directory: directory ?? '', volume: volume?.name ?? '' };
  const settled = (
    message: string,
    from: Origin,
    excerpt: string,
    fix: Fix,
    more: Finding['data'] = {},
  ): DirectoryJudgement => ({
    findings: [
      {
        message,
        data: { ...data, ...more },
        culprit: from.object?.kind === 'ConfigMap' ? from.object : culprit,
        evidence: [{ from, excerpt }],
        fix,
      },
    ],
    observed: false,
  });
  const mounts = fieldOrigin(pod, `${helper.path}.volumeMounts`);
  if (directory === undefined)
    return settled(
      'no-cert-dir',
      config.state === 'unknown' ? { object: pod.ref } : config.from,
      'no cert_dir',
      certDirFix(layout),
    );
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  if (!volume)
    return settled('not-on-volume', mounts, `nothing is mounted at or above ${directory}`, mountFix(layout, haproxy));
  if (haproxy && plan.inHaproxy === undefined) {
    const hiding = hidingMount(haproxy, volume.name, volume.pathInVolume);
    if (hiding)
      return settled(
        'shadowed',
        fieldOrigin(pod, hiding.field),
        `${hiding.volume} at ${hiding.path}`,
        unmountFix(layout, haproxy, hiding),
        { by: described(pod, hiding) },
      );
    return settled(
      'not-shared',
      fieldOrigin(pod, `${haproxy.path}.volumeMounts`),
      `no mount of ${volume.name} that contains ${volume.pathInVolume || 'its root'}`,
      mountFix(layout, haproxy),
    );
  }
  const failing = [...plan.makers, ...plan.possibleMakers, ...meantToMake(pod, plan)]
    .map((maker) => ({ maker, said: failureOf(maker) }))
    .find(({ said }) => said !== undefined);
  if (failing?.said !== undefined) {
    const { maker, said } = failing;
    const ran = maker.status?.state.now === 'terminated' || maker.status?.last !== undefined;
    if (ran && maker.runAsUser !== null && maker.runAsUser !== 0 && belongsToRoot(pod, volume.name)) {
      const whose = `container ${maker.name} fails (${said}) on volume ${volume.name}, which belongs to root: that comes first`;
      return { findings: [], cannotTell: unknown('no-evidence', whose), observed: true };
    }
    return {
      findings: [
        {
          message: 'init-failed',
          data: { ...data, container: maker.name, said },
          culprit,
          evidence: [{ from: { object: pod.ref, field: `status of container ${maker.name}` }, excerpt: said }],
          fix: initFix(layout, maker),
        },
      ],
      observed: true,
    };
  }
  const looked =
    files && plan.inHaproxy !== undefined && files.paths.directory === plan.inHaproxy ? files.directory : undefined;
  if (looked?.state === 'known') {
    if (!madeByHand(pod, plan)) return { findings: [], observed: true };
    return {
      findings: [
        {
          ...missing(
            pod,
            plan,
            ' In the running pod it is there all the same; the next pod will lack it.',
            looked.from,
          ),
          phase: 'latent',
        },
      ],
      observed: true,
    };
  }
  if (plan.isVolumeRoot) return { findings: [], observed: false };
  if (looked?.state === 'absent' && plan.makers.length > 0) {
    if (pod.createdAt !== undefined && now - pod.createdAt < YOUNG_MS)
      return {
        findings: [],
        cannotTell: unknown('too-young', `${directory} is not there yet; the pod is younger than a minute`),
        observed: true,
      };
    const names = plan.makers.map(({ name }) => name).join(', ');
    return {
      findings: [
        missing(pod, plan, ` In the running pod it is not there, although ${names} should make it.`, looked.from),
      ],
      observed: true,
    };
  }
  if (plan.makers.length > 0) return { findings: [], observed: false };
  if (plan.possibleMakers.length > 0 && looked?.state !== 'absent') {
    const names = plan.possibleMakers.map(({ name }) => name).join(', ');
    return {
      findings: [],
      cannotTell: unknown('no-evidence', `whether ${names} makes ${directory} cannot be read from its command`),
      observed: false,
    };
  }
  const seen = looked?.state === 'absent' ? ' In the running pod it is not there.' : '';
  return {
    findings: [
      missing(
        pod,
        plan,
        seen,
        looked?.state === 'absent'
          ? looked.from
          : fieldOrigin(pod, pod.from === 'pod' ? 'spec.initContainers' : 'spec.template.spec.initContainers'),
      ),
    ],
    observed: seen !== '',
  };
}

/** `certs (ConfigMap haptic-certs)`: a ConfigMap says by its name what it is for. */
function described(pod: PodView, { volume }: MountView): string {
  const found = pod.volumes.find(({ name }) => name === volume);
  if (found?.type === 'csi') return `${volume} (driver ${found.driver})`;
  return found?.type === 'configMap' ? `${volume} (ConfigMap ${found.configMap})` : volume;
}

/** A directory in a volume that begins empty, in a pod in which no container makes it or might. */
function madeByHand(pod: PodView, { volume, isVolumeRoot, makers, possibleMakers }: HelperDirectory): boolean {
  if (isVolumeRoot || makers.length > 0 || possibleMakers.length > 0) return false;
  if (pod.volumes.find(({ name }) => name === volume?.name)?.type !== 'emptyDir') return false;
  const others = pod.containers.filter(
    ({ role, mounts }) => role !== 'spiffe-helper' && mounts.some((mount) => mount.volume === volume?.name),
  );
  return !others.some((container) => commandsOf(container).opaque);
}

/** Where nobody makes the directory, an init container that has the volume is there for it, whatever it gets wrong. */
function meantToMake(pod: PodView, { volume, makers, possibleMakers }: HelperDirectory): readonly ContainerView[] {
  if (makers.length > 0 || possibleMakers.length > 0) return [];
  return pod.containers.filter(
    ({ place, mounts }) => place === 'init' && mounts.some((mount) => mount.volume === volume?.name),
  );
}

/** Why an init container does not get done, from its status. */
function failureOf({ place, status }: ContainerView): string | undefined {
  if (place === 'main' || !status) return undefined;
  const { state, last } = status;
  const ended = state.now === 'terminated' ? state : state.now === 'waiting' ? last : undefined;
  if (ended && ended.exitCode !== 0)
    return `exit code ${ended.exitCode}${ended.reason === '' ? '' : ` (${ended.reason})`}${ended.message === '' ? '' : `: ${ended.message}`}`;
  const stuck =
    state.now === 'waiting' && state.reason !== '' && !/^(?:PodInitializing|ContainerCreating)$/.test(state.reason);
  return stuck ? `${state.reason}${state.message === '' ? '' : `: ${state.message}`}` : undefined;
}
