// Writes the built-in recordings of `doctor --demo`: node test/scenario/write-stories.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { buildCase } from './build.ts';
import { STORY_CHANGES } from './stories.ts';

const folder = new URL('../../src/sources/demo/stories/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [story, change] of Object.entries(STORY_CHANGES)) {
  const snapshot = await buildCase({ source: 'live', complete: true, change });
  const recording: Snapshot = { ...snapshot, source: { kind: 'demo', story } };
  writeFileSync(new URL(`${story}.json`, folder), `${JSON.stringify(recording)}\n`);
}
