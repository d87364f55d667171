import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TlsIdentity, tlsBackendProgram } from '../programs/tls-backend.ts';
import type { Program } from '../seams.ts';
import { startOnHost } from './host-process.ts';
import { REAL } from './requirements.ts';

/** Where backends of the base find the Workload API. */
const SOCKET = '/spiffe-workload-api/spire-agent.sock';

/** A backend with an SVID from the agent of its node, which a spiffe-helper of its own fetches as the backend's user. */
export const realBackend: Program = {
  runs: (container) => String(container.image).includes('/shop/'),
  async start(context) {
    const { uid, gid } = context.credentials;
    const socket = context.onHost(SOCKET);
    if (socket === undefined) throw new Error(`${SOCKET} is on no mount`);
    const directory = mkdtempSync(join(tmpdir(), 'haptic-spire-backend-'));
    const conf = join(directory, 'helper.conf');
    writeFileSync(conf, configuration(socket, directory), { mode: 0o644 });
    chownSync(directory, uid, gid);
    const helper = startOnHost([REAL.helper, '-config', conf], { uid, gid }, context.log);
    const backend = await tlsBackendProgram({ identityOf: identityIn(directory) }).start(context);
    return {
      ...backend,
      stop: async () => {
        await backend.stop();
        await helper.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

function configuration(socket: string, directory: string): string {
  return `agent_address = "${socket}"
cert_dir = "${directory}"
svid_file_name = "svid.pem"
svid_key_file_name = "svid.key"
svid_bundle_file_name = "bundle.pem"
daemon_mode = true
`;
}

/** The identity in a directory; while its files are being exchanged, the one before. */
function identityIn(directory: string): () => TlsIdentity | undefined {
  let last: TlsIdentity | undefined;
  return () => {
    const files = readdirSync(directory);
    if (!['svid.pem', 'svid.key', 'bundle.pem'].every((name) => files.includes(name))) return last;
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    const now = { certificatePem: read('svid.pem'), keyPem: read('svid.key'), caPem: read('bundle.pem') };
    if (belongTogether(now)) last = now;
    return last;
  };
}

function belongTogether({ certificatePem, keyPem, caPem }: TlsIdentity): boolean {
  try {
    return caPem !== '' && new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}
