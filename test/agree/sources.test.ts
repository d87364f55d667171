import { describe, expect, it } from 'vitest';
import { LIVE_FAULTS } from '../guide/live-faults.ts';
import type { Change } from '../scenario/case-file.ts';
import { ofWorkload, saying, throughAllSources } from './sources.ts';

/** Faults that the manifests show as well as what runs does. */
const DECLARED = [
  'a wrong socket name since the beginning',
  'a TOML section in helper.conf',
  'an image that cannot be pulled because of a v',
  'a certificate directory that nobody makes',
  'a controller without its placeholder',
];
/** Faults that nothing but the running thing shows. */
const OBSERVED = [
  'a rotation that HAProxy never got',
  'an SVID that has expired because the agent stopped issuing',
  'an update that was begun and never committed',
];

function changesOf(name: string): readonly Change[] {
  const fault = LIVE_FAULTS[name];
  if (!fault) throw new Error(`there is no fault called ${name}`);
  return fault.changes;
}

describe('an installation seen through a cluster, a snapshot file and manifests', () => {
  it.each(['no fault', ...DECLARED, ...OBSERVED])(
    'with %s is the same to the cluster and to the file that was collected from it',
    async (name) => {
      const { live, snapshot } = await throughAllSources(name === 'no fault' ? [] : changesOf(name));
      expect({ ...snapshot, metadata: undefined }).toEqual({ ...live, metadata: undefined });
      expect([snapshot.metadata.source.kind, live.metadata.source.kind]).toEqual(['snapshot', 'live']);
      expect(live.exitCode).toBe(name === 'no fault' ? 0 : 1);
    },
  );

  it.each(['no fault', ...DECLARED])('with %s is the same to manifests wherever these can show it', async (name) => {
    const { live, files } = await throughAllSources(name === 'no fault' ? [] : changesOf(name));
    const judged = files.results.filter(({ state }) => state === 'ok' || state === 'warn' || state === 'fail');
    expect(judged.length).toBeGreaterThan(3);
    for (const result of judged) {
      const seen = ofWorkload(live, result);
      expect(seen.length, `${result.check} ${result.subject.name}`).toBeGreaterThan(0);
      // What earlier failures explain is blocked where it runs.
      for (const other of seen.filter(({ state }) => state !== 'blocked'))
        expect(saying(other), `${result.check} ${other.subject.name}`).toBe(saying(result));
    }
    expect(files.rootCauses.map(({ check, message, culprit }) => [check, message, culprit.kind, culprit.name])).toEqual(
      live.rootCauses.map(({ check, message, culprit }) => [check, message, culprit.kind, culprit.name]),
    );
  });

  it.each(OBSERVED)('with %s is not called broken or looked at by manifests', async (name) => {
    const { files } = await throughAllSources(changesOf(name));
    expect(files.results.filter(({ state }) => state === 'fail' || state === 'warn')).toEqual([]);
    const unseen = files.results.filter(
      ({ check, subject }) =>
        ['svid-issued', 'svid-valid', 'cert-loaded'].includes(check) && subject.kind === 'Deployment',
    );
    expect(new Set(unseen.map(({ state, why }) => `${state} ${why}`))).toEqual(new Set(['skipped needs-live']));
  });
});
