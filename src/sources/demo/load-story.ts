import { CannotRun } from '../../doctor/cannot-run.ts';
import type { Snapshot } from '../../evidence/snapshot.ts';
import { shippedFile } from '../../shipped-file.ts';
import { readSnapshot } from '../snapshot/index.ts';
import { DEFAULT_STORY, STORIES } from './stories.ts';

/** The recording of a story; the default one without a name. Throws `CannotRun` for a story that does not exist. */
export async function loadStory(id: string = DEFAULT_STORY): Promise<Snapshot> {
  if (!STORIES.some((story) => story.id === id)) {
    const known = STORIES.map((story) => story.id).join(', ');
    throw new CannotRun(`there is no demo ${JSON.stringify(id)}; there are: ${known}`);
  }
  return readSnapshot(await shippedFile(`src/sources/demo/stories/${id}.json`), `demo ${id}`);
}
