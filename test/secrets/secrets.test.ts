import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { readManifests } from '../../src/sources/manifests/index.ts';
import { readSnapshot } from '../../src/sources/snapshot/index.ts';
import { casesOf } from '../checks/run-case.ts';
import { HAS_MANIFESTS, MANIFESTS, start } from '../cli/process.ts';
import { LIVE_FAULTS } from '../guide/live-faults.ts';
import { gatherFrom } from '../live/cluster.ts';
import { everythingHolding } from '../redact/objects.ts';
import { plantKey } from '../redact/planted-keys.ts';
import { assembleSnapshot } from '../scenario/assemble.ts';
import { buildScenario, type Scenario, toManifest } from '../scenario/build.ts';
import type { CaseFile } from '../scenario/case-file.ts';
import { mintedKeys } from '../scenario/minted-keys.ts';
import { OBSERVED_AT } from '../scenario/moments.ts';
import { KeySearch } from './key-search.ts';
import { everythingWritten } from './written.ts';

const search = new KeySearch();
const PLANTED = { ec: plantKey('ec'), rsa: plantKey('rsa') };
const FORMS = Object.keys(PLANTED.ec.forms);

function leaksIn(written: Readonly<Record<string, string | Uint8Array>>): readonly string[] {
  search.add(mintedKeys());
  return Object.entries(written).flatMap(([what, content]) => (search.find(content).length > 0 ? [what] : []));
}

/** Both keys in this form at once. */
function bothAs(form: string): string {
  return [PLANTED.ec.forms[form], PLANTED.rsa.forms[form]].join('\n');
}

/** The base with a key in every field of every kind, in every log and in every answer of the probe. */
async function scenarioHolding(secret: string): Promise<Scenario> {
  const base = await buildScenario('live', []);
  const said = secret
    .split('\n')
    .map((line) => `2026-11-22T02:59:00.000Z level=error msg="${line}"\n`)
    .join('');
  return {
    ...base,
    objects: [...base.objects, ...(everythingHolding(secret) as Scenario['objects'])],
    logs: base.logs.map((log) => ({ ...log, text: `${log.text}${said}2026-11-22T02:59:01.000Z ${secret}\n` })),
    probes: base.probes.map((probe) => ({
      ...probe,
      answers: probe.answers.map((answer) => ({ ...answer, text: `${answer.text}\n${secret}` })),
    })),
  };
}

describe('the search itself', () => {
  it.each(FORMS)('finds a key as: %s', (form) => {
    for (const [type, key] of Object.entries(PLANTED)) {
      search.add(mintedKeys());
      const object = JSON.stringify({ kind: 'Secret', data: { note: `before ${key.forms[form]} after` } });
      expect(search.find(object).length, type).toBe(1);
      expect(search.find(gzipSync(object)).length, type).toBe(1);
      expect(search.find(zstdCompressSync(object)).length, type).toBe(1);
    }
  });

  it('finds raw bytes and half a key, and no key where only its public half is', () => {
    search.add(mintedKeys());
    const { base64, pem } = PLANTED.ec;
    expect(search.find(Buffer.from(base64, 'base64'))).toHaveLength(1);
    expect(search.find(pem.slice(0, pem.length * 0.55))).toHaveLength(1);
    expect(search.find(base64.slice(96))).toHaveLength(0);
    expect(search.find('nothing at all')).toHaveLength(0);
  });

  it('finds the placeholder’s key in the healthy installation as it is before the gate', async () => {
    const before = await buildScenario('live', []);
    expect(leaksIn({ objects: JSON.stringify(before.objects), manifest: toManifest(before.objects) })).toEqual([
      'objects',
      'manifest',
    ]);
  });
});

describe('no private key', () => {
  const CASES: readonly (readonly [string, CaseFile])[] = [
    ...checks.flatMap(({ id }) => casesOf(id).map(({ name, file }) => [`${id}/${name}`, file] as const)),
    ...Object.entries(LIVE_FAULTS).map(
      ([name, { changes }]) => [name, { source: 'live', complete: true, change: changes, expect: {} }] as const,
    ),
  ];

  it('is in a snapshot file or a report of any case, of any key that was minted up to then', async () => {
    const leaks: string[] = [];
    let holding = 0;
    for (const [name, file] of CASES) {
      const scenario = await buildScenario(file.source, file.change);
      holding += leaksIn({ 'before the gate': JSON.stringify(scenario.objects) }).length;
      leaks.push(
        ...leaksIn(everythingWritten(await assembleSnapshot(scenario, file))).map((what) => `${name}: ${what}`),
      );
    }
    expect(leaks).toEqual([]);
    expect(holding).toBeGreaterThan(CASES.length * 0.9);
  }, 240_000);

  it.each(FORMS)('leaves an installation that has one in every field, log and answer, as: %s', async (form) => {
    const scenario = await scenarioHolding(bothAs(form));
    expect(leaksIn({ 'before the gate': JSON.stringify(scenario) })).toEqual(['before the gate']);
    expect(leaksIn(everythingWritten(await assembleSnapshot(scenario, { source: 'live', complete: true })))).toEqual(
      [],
    );
  });

  it.each(['whole', 'escaped line breaks', 'base64 of the PEM', 'without END'])(
    'is gathered from a cluster, or told of while gathering, as: %s',
    async (form) => {
      const { objects, logs, probes } = await scenarioHolding(bothAs(form));
      const told: unknown[] = [];
      const { snapshot } = await gatherFrom({
        server: {
          objects,
          log: (target) => logs.find((log) => log.pod === target.pod && log.container === target.container)?.text,
          exec: () => ({ stdout: JSON.stringify(probes), stderr: bothAs(form), exitCode: 1 }),
        },
        io: { onProgress: (...progress: readonly unknown[]) => void told.push(progress) },
      });
      expect(snapshot.objects.length).toBeGreaterThan(20);
      expect(told.length).toBeGreaterThan(0);
      expect(leaksIn({ ...everythingWritten(snapshot), told: JSON.stringify(told) })).toEqual([]);
    },
  );

  it('is in what is said about manifests and snapshots that cannot be read', async () => {
    const { pem } = PLANTED.ec;
    const tool = { name: 'test', version: '0' };
    const broken = [
      `data:\n  key: |\n${pem}\n: [`,
      `kind: ConfigMap\ndata: {svid: "${pem}`,
      `${pem}`,
      `kind: X\n${pem.replaceAll('\n', ' ')}: : :\n`,
    ];
    const said: string[] = [];
    for (const text of broken) {
      const io = {
        list: async () => undefined,
        read: async () => new TextEncoder().encode(text),
        stdin: async () => new Uint8Array(),
      };
      await readManifests({ files: ['x.yaml'], recursive: false, complete: true, now: OBSERVED_AT, tool }, io).then(
        () => said.push('read'),
        (error: unknown) => said.push(String(error)),
      );
      for (const content of [
        text,
        JSON.stringify({ kind: 'Snapshot', apiVersion: 'haptic-spire.dev/v1', tool: text }),
        JSON.stringify({ kind: 'Snapshot', apiVersion: pem }),
      ]) {
        try {
          readSnapshot(new TextEncoder().encode(content), 'x.json');
        } catch (error) {
          said.push(String(error));
        }
      }
    }
    expect(said.length).toBeGreaterThan(12);
    expect(leaksIn({ said: said.join('\n') })).toEqual([]);
  });

  it('is in a demo story', () => {
    const folder = new URL('../../src/sources/demo/stories/', import.meta.url);
    const stories = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    expect(stories.length).toBeGreaterThan(3);
    for (const story of stories) expect(story).not.toMatch(/PRIVATE KEY-----(?:\\[nr]|\s)*[A-Za-z0-9+/]{16}/);
  });

  it.skipIf(!HAS_MANIFESTS)(
    `of a chart comes out of the program in any format${HAS_MANIFESTS ? '' : ' (skipped: the rendered charts are not beside this project)'}`,
    async () => {
      const file = `${MANIFESTS}/haptic-guide.yaml`;
      const text = readFileSync(file, 'utf8').replaceAll(/^ {4}/gm, '');
      const [pem = ''] = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----\n/.exec(text) ?? [];
      const own = new KeySearch();
      own.add([pem]);
      expect(own.find(text)).toEqual([0]);
      for (const format of ['text', 'wide', 'json', 'yaml']) {
        const { stdout, stderr, exitCode } = await start(['doctor', '-f', MANIFESTS, '-o', format, '--show-ok']);
        expect([own.find(stdout), own.find(stderr), stdout.length > 100]).toEqual([[], [], true]);
        expect([0, 2]).toContain(exitCode);
      }
    },
  );
});
