import type { Finding } from '../../src/doctor/check.ts';
import type { HelperDirectory } from '../../src/evidence/facts/spiffe-directory.ts';
import type { FileStat, SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { alignUsers, ofItsOwn } from './fixes.ts';
import { COMMUNITY_UID, isEnterprise, octal } from './user.ts';

/** What the files in the pod show: readability decides, whoever owns them. */
export function observedFindings(
  pod: PodView,
  files: SvidFiles,
  plan: HelperDirectory | undefined,
): readonly Finding[] {
  const { key, svid, bundle } = files;
  const locked = [key, svid, bundle].flatMap((file) =>
    file.state === 'known' && !file.value.readable ? [file.value.stat] : [],
  );
  const [first] = locked;
  if (first) return [unreadable(pod, files, first, plan)];
  return key.state === 'known' ? worldReadable(pod, key.value.stat, plan) : [];
}

function unreadable(
  pod: PodView,
  { reader, at }: SvidFiles,
  stat: FileStat,
  plan: HelperDirectory | undefined,
): Finding {
  const haproxy = pod.containers.find(({ role }) => role === 'haproxy');
  const enterprise = haproxy !== undefined && isEnterprise(haproxy) && stat.uid === COMMUNITY_UID;
  return {
    message: enterprise ? 'enterprise-user' : 'key-unreadable',
    data: {
      path: stat.path,
      readerUid: reader.uid,
      readerGroups: [...new Set([reader.gid, ...reader.groups])],
      uid: stat.uid,
      gid: stat.gid,
      mode: octal(stat.mode),
      helper: plan?.helper.name ?? '',
      writer: `UID ${stat.uid}`,
    },
    culprit: pod.workload,
    evidence: [
      {
        from: { object: pod.ref, field: stat.path, at: new Date(at).toISOString() },
        excerpt: `uid ${stat.uid}, gid ${stat.gid}, mode ${octal(stat.mode)}; HAProxy is uid ${reader.uid}`,
      },
    ],
    fix: alignUsers(pod, reader.uid),
  };
}

/** Inside an emptyDir nobody but the pod's own containers gets at the file. */
function worldReadable(pod: PodView, stat: FileStat, plan: HelperDirectory | undefined): readonly Finding[] {
  const volume = pod.volumes.find(({ name }) => name === plan?.volume?.name);
  if (!volume || volume.type === 'emptyDir' || (stat.mode & 0o007) === 0) return [];
  return [
    {
      message: 'key-world-readable',
      data: {
        path: stat.path,
        mode: octal(stat.mode),
        volume: volume.name,
        source: volume.type === 'other' ? volume.source : volume.type,
      },
      culprit: pod.workload,
      evidence: [{ from: { object: pod.ref, field: stat.path }, excerpt: `mode ${octal(stat.mode)}` }],
      fix: {
        summary:
          'Keep the key on an emptyDir of the pod, or set key_file_mode = 0600 (0640 where HAProxy reads it by its group).',
        durable: 'the volume in the Helm values, or key_file_mode in helper.conf',
        impact: 'rollout',
        ...ofItsOwn(pod, volume),
      },
    },
  ];
}
