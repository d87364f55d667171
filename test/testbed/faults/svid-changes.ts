import { writeFileSync } from 'node:fs';
import type { Testbed } from '../installation.ts';
import type { HaproxyPod } from '../programs/haproxy.ts';
import type { Rotation } from '../spire/spire.ts';
import { backdate, haproxyPods, pathOf, poll } from './memory-happenings.ts';

export const MINUTE = 60_000;

export const WORKLOAD = 'Deployment haptic/haptic-haproxy';
export const SERVER = 'StatefulSet spire-server/spire-server';

/** The last rotation was so many minutes ago, and has reached HAProxy. */
export async function rotatedBefore(testbed: Testbed, minutes: number, how: Rotation = {}): Promise<void> {
  await testbed.spire.rotate({ ...how, age: minutes * MINUTE });
  await poll(haproxyPods(testbed));
  testbed.age(minutes * MINUTE);
}

/** Somebody wrote into a file that spiffe-helper had written; the reloader has looked since. */
export async function overwrite(testbed: Testbed, pod: HaproxyPod, path: string, content: string): Promise<void> {
  await poll([pod]);
  writeFileSync(pathOf(pod, path), content);
  backdate(pod, [path]);
  await poll([pod]);
  testbed.age(5 * MINUTE);
}
