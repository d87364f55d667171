import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { Host } from '../../src/cli/host.ts';
import { say } from '../cli/fake-host.ts';
import { type ApiServer, startApiServer } from '../live/api-server/server.ts';
import { healthyCluster } from '../live/cluster.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const folder = temporaryFolder('completion-');
const kubeconfig = join(folder, 'config');
let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer(await healthyCluster());
  server.writeKubeconfig(kubeconfig);
});
afterAll(() => server.close());

const soon: Partial<Host> = {
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** What is offered at the end of a command line, without descriptions; the last word may be empty. */
async function offered(line: string, machine: Partial<Host> = {}) {
  const { exitCode, stdout, stderr } = await say(['__complete', ...line.split(' ')], {
    ...soon,
    ...machine,
    env: { KUBECONFIG: kubeconfig, ...machine.env },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines.pop()).toBe('');
  const directive = lines.pop();
  return { words: lines.map((one) => one.split('\t')[0]), directive };
}

const IDS = checks.map(({ id }) => id);

describe('what is offered', () => {
  it('for the first word are the commands that help lists', async () => {
    const { stdout } = await say(['--help']);
    const { words, directive } = await offered('');
    const listed = /\nCommands:\n([\s\S]*?)\n\n/.exec(stdout)?.[1] ?? '';
    expect(words).toEqual([...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name));
    expect(directive).toBe(':4');
    expect(words).toContain('rbac');
    expect(words).not.toContain('__complete');
  });

  it.each<[string, readonly string[], string]>([
    ['ver', ['version'], ':4'],
    ['help comp', ['completion'], ':4'],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell', 'kubectl'], ':4'],
    ['completion bash ', [], ':4'],
    ['nonsense ', [], ':4'],
    ['doctor ', [], ':4'],
    ['doctor --all', ['--all-namespaces', '--allow-unknown'], ':4'],
    ['doctor -n', ['-n'], ':4'],
    ['doctor -o ', ['text', 'wide', 'json', 'yaml'], ':4'],
    ['doctor --output=j', ['json'], ':4'],
    ['doctor -o=w', ['wide'], ':4'],
    ['doctor --fail-on w', ['warn'], ':4'],
    ['doctor --demo ', ['rotation-stuck', 'wrong-socket', 'toml-section', 'healthy', 'list'], ':4'],
    ['doctor --demo=w', ['wrong-socket'], ':4'],
    ['doctor --demo --sho', ['--show-ok'], ':4'],
    ['doctor --check svid-', ['svid-issued', 'svid-valid'], ':6'],
    ['doctor --check svid-valid,svid-', ['svid-valid,svid-issued'], ':6'],
    ['collect --skip=cert', ['cert-loaded'], ':6'],
    ['doctor --allow-unknown=spiffe', ['spiffe-dir'], ':6'],
    ['explain svid-', ['svid-issued', 'svid-valid'], ':4'],
    ['explain helper-config-syntax/no-such', [], ':4'],
    ['explain svid-valid ', [], ':4'],
    ['rbac --for s', ['serviceaccount:'], ':6'],
    ['doctor --filename ', [], ':0'],
    ['doctor --snapshot=', [], ':0'],
    ['collect -o ', [], ':0'],
    ['doctor --token ', [], ':4'],
    ['doctor --no-such-flag ', [], ':4'],
    ['doctor --no-such-flag=', [], ':4'],
  ])('after "%s" is %j with %s', async (line, words, directive) => {
    expect(await offered(line)).toEqual({ words, directive });
  });

  it('for explain is every check, and the messages of the one that is left', async () => {
    expect((await offered('explain ')).words).toEqual(IDS);
    const { words } = await offered('explain csi-socket-name/');
    expect(words).toContain('csi-socket-name/wrong-name');
    expect(words.every((word) => word?.startsWith('csi-socket-name/'))).toBe(true);
  });

  it('is described where a shell shows it', async () => {
    const { stdout } = await say(['__complete', 'doctor', '--check', 'svid-valid'], soon);
    expect(stdout).toBe(`svid-valid\t${checks.find(({ id }) => id === 'svid-valid')?.title}\n:6\n`);
  });

  it('for flags is every flag that help lists', async () => {
    for (const command of ['doctor', 'collect', 'checks', 'explain', 'rbac', 'completion', 'version']) {
      const { stdout } = await say([command, '--help']);
      const listed = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
      expect(new Set((await offered(`${command} --`)).words)).toEqual(new Set(listed));
    }
  });
});

describe('names from the kubeconfig', () => {
  it.each([
    ['doctor --context ', ['test']],
    ['doctor --cluster ', ['test']],
    ['doctor --user=', ['jane']],
    ['doctor --context other', []],
  ])('after "%s" are %j, without a word to the cluster', async (line, words) => {
    const before = server.requests.length;
    expect(await offered(line)).toEqual({ words, directive: ':4' });
    expect(server.requests.length).toBe(before);
  });

  it('come from the file that --kubeconfig names', async () => {
    const other = join(folder, 'other');
    const context = { name: 'arn:aws:eks:eu-1:1:cluster/prod', context: { cluster: 'c', user: 'u' } };
    writeFileSync(other, JSON.stringify({ contexts: [context, { ...context, name: 'two\nlines' }] }));
    expect((await offered(`doctor --kubeconfig ${other} --context `)).words).toEqual([context.name]);
  });

  it.each(['/does/not/exist', '/'])('are none when it is %s', async (file) => {
    expect(await offered(`doctor --kubeconfig ${file} --context `)).toEqual({ words: [], directive: ':4' });
  });
});

describe('names from the cluster', () => {
  it.each([
    ['doctor -n ', ['haptic', 'shop', 'spire-server']],
    ['doctor --namespace=sh', ['shop']],
    ['rbac -n haptic --spire-namespace sp', ['spire-server']],
    ['doctor --release ', ['haptic']],
    ['doctor -n shop --release ', []],
    ['collect --pod ', ['haptic-controller-0', 'haptic-haproxy-0', 'haptic-haproxy-1']],
    ['doctor -n haptic --release haptic --pod haptic-h', ['haptic-haproxy-0', 'haptic-haproxy-1']],
  ])('after "%s" are %j', async (line, words) => {
    const { words: found, directive } = await offered(line);
    expect({ words: found.toSorted(), directive }).toEqual({ words, directive: ':4' });
  });

  it('are asked for as the user whom the line names', async () => {
    const before = server.requests.length;
    await offered('doctor --as bob --as-group dev -n ');
    const seen = server.requests.slice(before);
    expect(seen.length).toBeGreaterThan(0);
    for (const { headers } of seen)
      expect(headers).toMatchObject({ 'impersonate-user': 'bob', 'impersonate-group': 'dev' });
  });

  it('are none for somebody who is not let in', async () => {
    expect(await offered('doctor --token expired -n ')).toEqual({ words: [], directive: ':4' });
    expect(await offered('doctor --token expired --pod ')).toEqual({ words: [], directive: ':4' });
  });

  it('are none when nobody answers in time, and the credential plug-in is ended with it', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const atOnce: Partial<Host> = {
      after: (_milliseconds, action) => {
        const timer = setTimeout(action, 50);
        return () => clearTimeout(timer);
      },
    };
    for (const flag of ['-n', '--pod'])
      expect(await offered(`doctor -s https://127.0.0.1:${port} ${flag} `, atOnce)).toEqual({
        words: [],
        directive: ':4',
      });
    silent.close();
    const plugin = { name: 'u', user: { exec: { command: 'sleep', args: ['600'] } } };
    const text = server.kubeconfig().replace(/"users":\[[^\]]*\]/, `"users":[${JSON.stringify(plugin)}]`);
    writeFileSync(join(folder, 'slow'), text.replace('"user":"jane"', '"user":"u"'));
    const none = await offered('doctor -n ', { ...atOnce, env: { KUBECONFIG: join(folder, 'slow') } });
    expect(none).toEqual({ words: [], directive: ':4' });
  });
});
