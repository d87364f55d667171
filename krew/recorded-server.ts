import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot } from '../src/evidence/snapshot.ts';
import { type ApiServer, startApiServer } from '../test/live/api-server/server.ts';
import { framed } from '../test/live/cluster.ts';
import { root } from './bundle.ts';

/** An API server that shows a built-in recording, at the time of the recording. */
export async function startRecordedServer(story: string): Promise<ApiServer> {
  const text = await readFile(join(root, `src/sources/demo/stories/${story}.json`), 'utf8');
  const { objects, logs, probes, observedAt }: Snapshot = JSON.parse(text);
  return await startApiServer({
    objects: objects.map(({ object }) => object),
    log: ({ pod, container, previous }) =>
      logs.find((log) => log.pod === pod && log.container === container && log.previous === previous)?.text ?? '',
    exec: ({ pod, command }) => {
      const answers = probes.find((probe) => probe.pod === pod)?.answers ?? [];
      return { stdout: framed(answers, command[4] ?? '') };
    },
    now: () => Date.parse(observedAt),
  });
}
