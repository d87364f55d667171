import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';

/** Who a container runs as; a member that is absent is decided by an image that was not seen. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
  /** Primary and supplementary groups, as far as the spec names them. */
  readonly groups: readonly number[];
}

/** UID of HAPTIC's community images, as their chart sets it. */
export const COMMUNITY_UID = 99;

export function userOf(pod: PodView, container: ContainerView): User {
  const uid = container.runAsUser ?? defaultUid(container);
  const gid = container.runAsGroup ?? (uid === 0 ? 0 : undefined);
  const groups = [gid, pod.fsGroup ?? undefined].filter((group) => group !== undefined);
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }), groups };
}

/** The project's own spiffe-helper image runs as root when nothing else is asked for. */
function defaultUid({ role, image }: ContainerView): number | undefined {
  return role === 'spiffe-helper' && image.repository === 'ghcr.io/spiffe' ? 0 : undefined;
}

export function nameOf({ uid }: User): string {
  return uid === undefined ? 'the user of its image' : `UID ${uid}`;
}

export interface Written {
  readonly uid: number;
  /** Absent when it is not known which group the file gets. */
  readonly gid?: number;
  readonly mode: number;
}

/** Whether a user may read a file; undefined when it depends on a group that is not known. */
export function mayRead({ uid, groups }: User, file: Written): boolean | undefined {
  if (uid === 0) return true;
  if (uid === file.uid) return (file.mode & 0o400) !== 0;
  const byGroup = (file.mode & 0o040) !== 0;
  const byAll = (file.mode & 0o004) !== 0;
  if (file.gid !== undefined && groups.includes(file.gid)) return byGroup;
  if (byAll) return true;
  if (!byGroup) return uid === undefined ? undefined : false;
  return file.gid === undefined || groups.length === 0 ? undefined : false;
}

export function octal(mode: number): string {
  return `0${(mode & 0o7777).toString(8)}`;
}

/** Enterprise images, or the UID that the chart gives them. */
export function isEnterprise(haproxy: ContainerView): boolean {
  return /hapee/.test(haproxy.image.text) || haproxy.runAsUser === 1000;
}
