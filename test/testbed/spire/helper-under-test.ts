import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { readHelperLog } from '../../../src/evidence/logs/helper-log.ts';
import { type EditableObject, writeField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { type FixtureOptions, type RunningContainer, type SpireFixture, spireFixture } from './fixture.ts';

export const POD = 'haptic-haproxy-0';
export const DIRECTORY = '/etc/haproxy/spiffe';

/** What the test at hand works with. */
export let fixture: SpireFixture;

export function work(on: SpireFixture): SpireFixture {
  fixture = on;
  return on;
}

/** The base with another helper.conf, another image or other things. */
export async function helperWith(
  edit: {
    readonly conf?: (text: string) => string;
    readonly image?: string;
    readonly objects?: (all: KubeObject[]) => void;
  },
  options: FixtureOptions = {},
): Promise<RunningContainer> {
  work(
    await spireFixture({
      ...options,
      objects: (all) => {
        for (const object of all) {
          const { data, metadata } = object as { data?: EditableObject; metadata?: EditableObject };
          const text = data?.['helper.conf'];
          if (data && typeof text === 'string' && edit.conf) data['helper.conf'] = edit.conf(text);
          if (object.kind === 'Deployment' && metadata?.name === 'haptic-haproxy' && edit.image)
            writeField(object, 'spec.template.spec.containers[2].image', edit.image);
        }
        edit.objects?.(all);
        return all;
      },
    }),
  );
  await fixture.startPlatform();
  await fixture.settle();
  await fixture.settle();
  return started();
}

/** The container, started anew on the volumes of its pod. */
export async function started(): Promise<RunningContainer> {
  return fixture.start(POD, 'spiffe-helper');
}

/** A running helper over a spiffe directory that its init container has made. */
export async function helperInDirectory(...parameters: Parameters<typeof helperWith>): Promise<RunningContainer> {
  const first = await helperWith(...parameters);
  mkdirSync(first.onHost(DIRECTORY), { recursive: true });
  chmodSync(first.onHost(DIRECTORY), 0o777);
  await first.program.stop();
  return started();
}

export function read(helper: RunningContainer, name: string): string {
  return readFileSync(helper.onHost(`${DIRECTORY}/${name}`), 'utf8');
}

/** The lines as the doctor reads them through the API. */
export function asDoctor(helper: RunningContainer) {
  const text = helper.lines.map((line) => `${new Date().toISOString()} ${line}\n`).join('');
  return readHelperLog({ helper: 'spiffe-helper', text, truncated: false });
}

/** Status with which it has ended by now. */
export async function exitCode(helper: RunningContainer): Promise<number | 'runs'> {
  return Promise.race([
    helper.program.ended.then(({ code }) => code),
    new Promise<'runs'>((resolve) => setImmediate(resolve, 'runs')),
  ]);
}
