import { renameSync, utimesSync } from 'node:fs';
import type { Testbed } from '../installation.ts';
import type { HaproxyPod } from '../programs/haproxy.ts';
import { tick } from '../programs/shell.ts';
import { outcome } from '../sandbox/command.ts';
import type { ContainerRef } from '../seams.ts';

const MINUTE = 60_000;

export const SVID = '/etc/haproxy/spiffe/svid.pem';
export const KEY = '/etc/haproxy/spiffe/svid.pem.key';
export const BUNDLE = '/etc/haproxy/spiffe/bundle.pem';
export const MASTER = '/etc/haproxy/haproxy-master.sock';

/** HAProxy's pods in the order of their names. Throws when there is none. */
export function haproxyPods({ haproxies }: Testbed): readonly [HaproxyPod, ...HaproxyPod[]] {
  const [first, ...others] = haproxies.running().toSorted((a, b) => (a.ref.pod < b.ref.pod ? -1 : 1));
  if (first === undefined) throw new Error('no HAProxy runs');
  return [first, ...others];
}

export function reloaderOf({ ref }: HaproxyPod): ContainerRef {
  return { ...ref, container: 'cert-reloader' };
}

/** Every reloader looks once. */
export async function poll(pods: readonly HaproxyPod[]): Promise<void> {
  await Promise.all(pods.map((pod) => tick(reloaderOf(pod))));
}

/** New SVIDs, which have lain on disk for ten minutes. */
export async function rotate(testbed: Testbed): Promise<void> {
  await testbed.spire.rotate({ age: 10 * MINUTE });
  for (const pod of haproxyPods(testbed)) backdate(pod, [SVID, KEY, BUNDLE]);
}

/** Files as if they had been written so many seconds ago. */
export function backdate(pod: HaproxyPod, paths: readonly string[], seconds = 600): void {
  const then = Math.floor(Date.now() / 1000) - seconds;
  for (const path of paths) utimesSync(pathOf(pod, path), then, then);
}

/** The path on this machine of one in the container. Throws when it is not on a volume. */
export function pathOf(pod: HaproxyPod, path: string): string {
  const host = pod.onHost(path);
  if (host === undefined) throw new Error(`${path} is on no volume of ${pod.ref.pod}`);
  return host;
}

/** What happens meanwhile finds nobody at the master socket, as during a reload. */
export async function whileRefusing(pod: HaproxyPod, meanwhile: () => Promise<void>): Promise<void> {
  const socket = pathOf(pod, MASTER);
  renameSync(socket, `${socket}.away`);
  try {
    await meanwhile();
  } finally {
    renameSync(`${socket}.away`, socket);
  }
}

/** Sends lines to the master socket and returns its answer. */
export async function ask(pod: HaproxyPod, lines: string): Promise<string> {
  const { stdout } = await outcome(pod.sandbox.run(['socat', '-t5', 'stdio', `unix-connect:${MASTER}`], lines));
  return stdout;
}
