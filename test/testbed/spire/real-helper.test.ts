import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { locate, presence } from '../../probe/requirements.ts';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { temporaryFolder } from '../../scenario/temporary-folder.ts';
import { type SpireFixture, spireFixture } from './fixture.ts';

const REAL = locate(env.SPIFFE_HELPER ?? '');
const missing = REAL === undefined ? ['spiffe-helper 0.11.0 at $SPIFFE_HELPER'] : [];
const CONF = '/etc/spiffe-helper/helper.conf';
const FILES = 'svid_file_name = "a"\nsvid_key_file_name = "b"\nsvid_bundle_file_name = "c"\n';
const path = join(temporaryFolder('real-helper-'), 'helper.conf');
const GONE = 'agent_address = "/nowhere/agent.sock"\n';

let fixture: SpireFixture | undefined;
afterEach(() => fixture?.close());

/** What is left of a line when its time is. */
function timeless(line: string): string {
  return line.replace(/^time="[^"]*" /, '');
}

/** The real program's lines and status; it is ended once it says that it cannot watch. */
async function real(conf: string, args: readonly string[]): Promise<{ lines: readonly string[]; code: number | null }> {
  writeFileSync(path, conf);
  const child = spawn(REAL ?? '', ['-config', path, ...args], { env: {}, cwd: '/' });
  let text = '';
  const take = (part: Buffer) => {
    text += part.toString('utf8');
    if (text.includes('Error while watching')) child.kill('SIGKILL');
  };
  child.stderr.on('data', take);
  child.stdout.on('data', take);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { lines: text.replaceAll(path, CONF).trimEnd().split('\n').map(timeless), code };
}

async function standIn(
  conf: string,
  args: readonly string[],
): Promise<{ lines: readonly string[]; code: number | null }> {
  fixture = await spireFixture({
    objects: (all) => {
      for (const { data, kind, spec } of all) {
        const texts = (data ?? {}) as EditableObject;
        if (typeof texts['helper.conf'] === 'string') texts['helper.conf'] = conf;
        if (kind !== 'Deployment') continue;
        const { template } = spec as { template: { spec: { containers: { name: string; args?: string[] }[] } } };
        for (const container of template.spec.containers)
          if (container.name === 'spiffe-helper') container.args?.push(...args);
      }
      return all;
    },
  });
  const { program, lines } = await fixture.start('haptic-haproxy-0', 'spiffe-helper');
  const code = await Promise.race([
    program.ended.then((exit) => exit.code),
    new Promise<null>((resolve) => setImmediate(resolve, null)),
  ]);
  return { lines: lines.map(timeless), code };
}

describe.skipIf(missing.length > 0)(`the stand-in beside the real spiffe-helper${presence(missing)}`, () => {
  it.each([
    ['a TOML section', `${FILES}[health_checks]\n`, []],
    ['an unknown key', `${FILES}add_intermediates = true\nzz = 1\n`, []],
    ['no names', 'cert_dir = "/x"\n', []],
    ['two names', 'svid_file_name = "a"\nsvid_key_file_name = "b"\n', []],
    ['a quoted boolean', `${FILES}daemon_mode = "true"\n`, []],
    ['a negative mode', `${FILES}cert_file_mode = -1\n`, []],
    ['a negative port', `${FILES}health_checks { listener_enabled = true\n bind_port = -1 }\n`, []],
    ['a PID file without a signal', `${FILES}pid_file_name = "/p"\n`, []],
    [
      'a PID file without daemon mode',
      `${FILES}pid_file_name = "/p"\nrenew_signal = "SIGHUP"\ncmd = "x"\ndaemon_mode = false\n`,
      [],
    ],
    ['a JWT without an audience', `${FILES}jwt_svids = [{ jwt_svid_file_name = "x" }]\n`, []],
    ['an unknown key of a JWT', `${FILES}jwt_svids = [{ jwt_svid_file_name = "x", foo = 1 }]\n`, []],
    ['a scheme in the address', `${FILES}agent_address = "unix:///a/b.sock"\n`, []],
    ['a relative address', `${FILES}agent_address = "spire-agent.sock"\n`, []],
    ['a relative address with a directory', `${FILES}agent_address = "run/spire-agent.sock"\n`, []],
    ['an unknown flag', `${FILES}${GONE}`, ['-exitWhenReady']],
    ['a socket that is not there', `${FILES}${GONE}`, []],
    ['no address', FILES, []],
  ])('says the same about %s', async (_what, conf, args) => {
    const [expected, actual] = [await real(conf, args), await standIn(conf, args)];
    // After an unknown flag come all the others that there are.
    const length = args.length > 0 ? 2 : expected.lines.length;
    const usage = (lines: readonly string[]) =>
      lines.slice(0, length).map((line) => line.replace(/Usage of .*/, 'Usage'));
    expect(usage(actual.lines)).toEqual(usage(expected.lines));
    expect(actual.code).toBe(expected.code);
  });
});
