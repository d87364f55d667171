import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbePaths } from '../../src/evidence/probe/command.ts';
import { presence, requirements } from './requirements.ts';
import { runProbe } from './run-probe.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'haptic-spire-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function pathsAt(socket: string): ProbePaths {
  const nowhere = (name: string) => join(root, 'none', name);
  return { socket, directory: '', svid: nowhere('svid.pem'), key: '', bundle: nowhere('bundle.pem') };
}

describe.each(['dash', 'busybox', 'bash'] as const)('HAProxy asked from %s', (shell) => {
  const { missing, mustNotSkip } = requirements([shell, 'socat']);
  const skip = missing.length > 0 && !mustNotSkip;

  test.skipIf(skip)(`an answer beyond half a MiB is cut, and says so${presence(missing)}`, async () => {
    const socket = join(root, `${shell}.sock`);
    const long = 'x'.repeat(99).concat('\n').repeat(6000);
    const said: Readonly<Record<string, string>> = {
      'show proc\n': '#<PID> <type> <version>\n\n',
      '@1 show info\n': 'Name: HAProxy\n\n',
      '@1 show ssl cert\n': long,
    };
    const master = createServer((client) => {
      client.on('error', () => client.destroy());
      client.on('data', (question) => client.end(said[String(question)] ?? '\n'));
    });
    await new Promise<void>((resolve) => master.listen(socket, resolve));
    const { answers } = await runProbe(pathsAt(socket), shell);
    master.close();
    const of = (asked: string) => answers.find(({ argument }) => argument === asked);
    expect(of('@1 show info')).toMatchObject({ status: 0, text: 'Name: HAProxy\n\n' });
    const cut = of('@1 show ssl cert');
    expect(cut?.status).toBe(200);
    expect(cut?.text.length).toBe(524_288);
    // What comes after it is asked all the same.
    expect(of('@1 show stat -1 4 -1')?.status).toBe(0);
  });

  test.skipIf(skip)(
    `a queue of connections that is full is waited in, at the second attempt${presence(missing)}`,
    async () => {
      const bin = mkdtempSync(join(root, 'bin-'));
      const refusing = `case "$*" in *connect-timeout*) echo 'Resource temporarily unavailable' >&2; exit 1 ;; esac\necho '#<PID> <version>'\n`;
      writeFileSync(join(bin, 'socat'), `#!/bin/sh\n${refusing}`);
      chmodSync(join(bin, 'socat'), 0o755);
      const environment = { PATH: `${bin}${delimiter}${env.PATH}` };
      const { answers } = await runProbe(pathsAt('/run/master.sock'), shell, { environment });
      expect(answers.find(({ argument }) => argument === 'show proc')).toMatchObject({
        status: 0,
        text: '#<PID> <version>\n',
      });
    },
  );
});
