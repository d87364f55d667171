import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl, noKubectl, whyNoKubectl } from '../cli/real-kubectl.ts';
import { serverCertificate } from '../live/api-server/server-certificate.ts';
import { file, kubeconfig } from './clusters.ts';
import { type Recorder, startRecorder } from './recorder.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../../src/main.ts');

let server: Recorder;
let authority: string;
beforeAll(async () => {
  server = await startRecorder();
  authority = file((await serverCertificate()).ca);
});
afterAll(() => server.close());

const PROGRAMS = {
  kubectl: [kubectl, 'get', '--raw', '/version'],
  doctor: [execPath, main, 'collect', '-q', '-o', '-'],
} as const;

describe.each(Object.entries(PROGRAMS))('a kubeconfig without an authority, for %s', (_, [program, ...words]) => {
  const visits = async (more: Readonly<Record<string, string>>) => {
    const here = await kubeconfig({ here: { url: server.url, authority: false } });
    const clean = { HOME: '/nonexistent', PATH: env.PATH ?? '', KUBECONFIG: here, ...more };
    await run(program, words, { env: clean }).catch(() => undefined);
    return server.take().length > 0;
  };

  it.skipIf(noKubectl)(`trusts whom the machine trusts${whyNoKubectl}`, async () => {
    expect(await visits({ SSL_CERT_FILE: authority })).toBe(true);
  });

  it.skipIf(noKubectl)(`trusts nobody else${whyNoKubectl}`, async () => {
    expect(await visits({})).toBe(false);
  });
});
