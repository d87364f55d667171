import { checks } from '../../checks/index.ts';
import type { Snapshot } from '../../src/evidence/snapshot.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import { renderYaml } from '../../src/report/yaml.ts';
import { readSnapshot, writeSnapshot } from '../../src/sources/snapshot/index.ts';
import { judgeSnapshot } from '../checks/run-case.ts';

/** Everything that the doctor writes about a snapshot, by what it is: the file itself and the report in every format. */
export function everythingWritten(snapshot: Snapshot): Readonly<Record<string, string | Uint8Array>> {
  const file = writeSnapshot(snapshot);
  const report = judgeSnapshot(readSnapshot(file, 'written'), checks);
  const text = {
    color: false,
    unicode: true,
    width: 80,
    wide: false,
    quiet: false,
    showOk: true,
    titles: new Map<string, string>(),
  };
  return {
    'snapshot file': file,
    json: renderJson(report),
    yaml: renderYaml(report),
    text: renderText(report, text),
    wide: renderText(report, { ...text, wide: true, width: 10_000, color: true }),
  };
}
