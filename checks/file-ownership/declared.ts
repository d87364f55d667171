import type { Finding, Fix } from '../../src/doctor/check.ts';
import type { HelperConfig } from '../../src/evidence/facts/helpers.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { type Unknown, unknown } from '../../src/evidence/reading.ts';
import { commandsOf } from '../../src/evidence/shell-script.ts';
import { belongsToRoot } from '../../src/evidence/spiffe-directory/storage.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import { alignUsers, ofItsOwn } from './fixes.ts';
import { DEFAULT_KEY_MODE } from './modes.ts';
import { COMMUNITY_UID, isEnterprise, mayRead, nameOf, octal, type User, userOf, type Written } from './user.ts';

export interface Declared {
  readonly findings: readonly Finding[];
  readonly cannotTell?: Unknown;
}

/** Who writes the key, who has to read it, and whether the one can do so after the other; from the specs alone. */
export function declaredFindings(pod: PodView, plan: HelperDirectory): Declared {
  const { helper, volume, directory } = plan;
  const writer = userOf(pod, helper);
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const findings: Finding[] = [...directoryFindings(pod, plan, writer)];
  if (!haproxy || directory === undefined || !volume) return { findings };
  // Without helper.conf the mode of the key is not known.
  if (plan.config.state !== 'known') return { findings };
  const config = plan.config.value;
  const reader = userOf(pod, haproxy);
  const file = writtenBy(pod, writer, config);
  if (!file) return sameUser(reader, writer) ? { findings } : { findings, cannotTell: unsure(helper, haproxy) };
  const readable = sameUser(reader, writer) || mayRead(reader, file);
  const data = {
    helper: helper.name,
    writer: nameOf(writer),
    reader: nameOf(reader),
    readerUid: reader.uid ?? '',
    mode: octal(file.mode),
  };
  const evidence = [helper, haproxy].map((container) => ({
    from: fieldOrigin(pod, `${container.path}.securityContext`),
    excerpt: `${container.name}: ${nameOf(userOf(pod, container))}`,
  }));
  if (readable === undefined) return { findings, cannotTell: unsure(helper, haproxy) };
  if (readable === false && reader.uid !== undefined) {
    const enterprise = isEnterprise(haproxy) && writer.uid === COMMUNITY_UID;
    findings.push({
      message: enterprise ? 'enterprise-user' : 'helper-user-differs',
      data,
      culprit: pod.workload,
      evidence,
      fix: alignUsers(pod, reader.uid),
    });
    return { findings };
  }
  for (const reloader of pod.containers.filter(({ role }) => role === 'cert-reloader')) {
    const user = userOf(pod, reloader);
    if (sameUser(user, writer) || mayRead(user, file) !== false) continue;
    findings.push({
      message: 'reloader-cannot-read',
      data: { ...data, reloader: reloader.name, reader: nameOf(user) },
      culprit: pod.workload,
      evidence: [
        { from: fieldOrigin(pod, `${reloader.path}.securityContext`), excerpt: `${reloader.name}: ${nameOf(user)}` },
        ...evidence.slice(0, 1),
      ],
      fix: alignUsers(pod, reader.uid ?? file.uid),
    });
  }
  return { findings };
}

/** Read-only mounts, and directories that are made as somebody else. */
function directoryFindings(
  pod: PodView,
  { helper, volume, directory, makers, isVolumeRoot }: HelperDirectory,
  writer: User,
): readonly Finding[] {
  if (!volume || directory === undefined) return [];
  const data = { helper: helper.name, volume: volume.name, directory, writer: nameOf(writer) };
  const findings: Finding[] = [];
  const mount = helper.mounts.find(({ volume: name, path }) => name === volume.name && path === volume.mountPath);
  if (volume.readOnly && mount) {
    const from = fieldOrigin(pod, `${mount.field}.readOnly`);
    findings.push({
      message: 'read-only-mount',
      data,
      culprit: pod.workload,
      evidence: [{ from, excerpt: 'readOnly: true' }],
      fix: {
        summary: `Mount ${volume.name} writable in container ${helper.name}.`,
        ...(from.file === undefined
          ? {
              commands: changeTemplate(
                pod,
                containerPatch(helper, {
                  volumeMounts: [{ name: mount.volume, mountPath: mount.path, readOnly: false }],
                }),
              ),
            }
          : {
              edit: {
                file: from.file,
                ...(from.line === undefined ? {} : { line: from.line }),
                before: 'readOnly: true',
                after: 'readOnly: false',
              },
            }),
        durable: 'volumeMounts of the container in haproxy.sidecars of the Helm values',
        impact: 'rollout',
      },
    });
  }
  const [maker] = makers;
  if (!maker || isVolumeRoot) return findings;
  const owner = userOf(pod, maker);
  if (
    owner.uid !== undefined &&
    writer.uid !== undefined &&
    writer.uid !== 0 &&
    owner.uid !== writer.uid &&
    !handsOver(maker)
  ) {
    findings.push({
      message: 'directory-not-writable',
      data: { ...data, owner: `${nameOf(owner)}, as which ${maker.name} makes it` },
      culprit: pod.workload,
      evidence: [maker, helper].map((container) => ({
        from: fieldOrigin(pod, `${container.path}.securityContext`),
        excerpt: `${container.name}: ${nameOf(userOf(pod, container))}`,
      })),
      fix: alignUsers(pod, pod.containers.find(({ role }) => role === 'haproxy')?.runAsUser ?? writer.uid),
    });
  }
  if (belongsToRoot(pod, volume.name) && owner.uid !== undefined && owner.uid !== 0) {
    findings.push({
      message: 'no-fs-group',
      ...(hasFailed(maker) ? { severity: 'fail' } : {}),
      data: { ...data, maker: maker.name, uid: owner.uid },
      culprit: pod.workload,
      evidence: [
        {
          from: fieldOrigin(pod, pod.from === 'pod' ? 'spec.securityContext' : 'spec.template.spec.securityContext'),
          excerpt: 'no fsGroup',
        },
      ],
      fix: giveAway(pod, volume.name, owner.uid),
    });
  }
  return findings;
}

/** Lets a user write to a volume that is root's. A directory of the node keeps its owner, whatever fsGroup says. */
function giveAway(pod: PodView, name: string, uid: number): Fix {
  const volume = pod.volumes.find((candidate) => candidate.name === name);
  if (volume?.type === 'hostPath')
    return {
      summary: `Make volume ${name} an emptyDir: fsGroup gives no directory of the node away.`,
      durable: 'the volume in the Helm values',
      impact: 'rollout',
      ...ofItsOwn(pod, volume),
    };
  return {
    summary: `Set fsGroup: ${uid} in the pod's securityContext.`,
    ...(pod.source
      ? { edit: { file: pod.source.file, after: `fsGroup: ${uid}` } }
      : { commands: changeTemplate(pod, { securityContext: { fsGroup: uid } }) }),
    durable: 'podSecurityContext of HAProxy in the Helm values',
    impact: 'rollout',
  };
}

/** It has run, and not got done. */
function hasFailed({ status }: ContainerView): boolean {
  const ended = status?.state.now === 'terminated' ? status.state : status?.last;
  return ended !== undefined && ended.exitCode !== 0;
}

/** An owner or a mode that is set on purpose is taken to be right. */
function handsOver(maker: ContainerView): boolean {
  return commandsOf(maker).commands.some(({ words }) =>
    words.some(
      (word) => word === undefined || /(?:^|\/)(?:chown|chmod|chgrp|install|umask|setfacl)$|^-m|^--mode/.test(word),
    ),
  );
}

/** The key as spiffe-helper makes it; in a directory below an fsGroup's volume, files inherit that group. */
function writtenBy(pod: PodView, writer: User, config: HelperConfig): Written | undefined {
  if (writer.uid === undefined) return undefined;
  const gid = pod.fsGroup ?? writer.gid;
  const mode = config.keyFileMode?.value ?? DEFAULT_KEY_MODE;
  return { uid: writer.uid, ...(gid === undefined ? {} : { gid }), mode: mode & 0o777 };
}

function sameUser(a: User, b: User): boolean {
  return a.uid !== undefined && a.uid === b.uid;
}

function unsure(helper: ContainerView, haproxy: ContainerView): Unknown {
  return unknown(
    'no-evidence',
    `as which users ${helper.name} and ${haproxy.name} run is decided by their images, and the files in the pod were not seen`,
  );
}
