import { connectionFlags } from '../connection.ts';
import type { ConnectionOptions } from '../flags.ts';
import type { Host } from '../host.ts';
import { tool } from '../tool.ts';
import type { Line } from './place.ts';

/** For everything together: who presses the key waits. */
const TIMEOUT_MS = 1500;

/** Names for a flag: from the kubeconfig alone, or from the cluster that the flags before the cursor name. */
export async function namesFor(flag: string, given: Line['given'], host: Host): Promise<readonly string[]> {
  const flags = connectionFlags(connectionOptions(given));
  switch (flag) {
    case 'context':
    case 'cluster':
    case 'user': {
      const { namesInKubeconfig } = await import('../../sources/live/names.ts');
      return await namesInKubeconfig(`${flag}s`, flags.kubeconfig, host);
    }
    case 'release':
    case 'pod':
      return await namesInHaptic(flag, given, host);
    default: {
      const { namespaceNames } = await import('../../sources/live/names.ts');
      return await namespaceNames({ connection: flags, timeoutMs: TIMEOUT_MS }, liveIo(host));
    }
  }
}

/** Releases, or HAProxy and controller pods, as the doctor itself finds them. */
async function namesInHaptic(flag: 'release' | 'pod', given: Line['given'], host: Host): Promise<readonly string[]> {
  const [{ gatherLive }, { World }, { discover }, { chooseSubjects }] = await Promise.all([
    import('../../sources/live/gather.ts'),
    import('../../evidence/world.ts'),
    import('../../evidence/discovery.ts'),
    import('../../doctor/subjects.ts'),
  ]);
  const namespace = textOf(given, 'namespace');
  const release = flag === 'pod' ? textOf(given, 'release') : undefined;
  const scope = { ...(namespace === undefined ? {} : { namespace }), ...(release === undefined ? {} : { release }) };
  const connection = connectionFlags(connectionOptions(given));
  const request = { connection, items: [], timeoutMs: TIMEOUT_MS, concurrency: 8, tool, ...scope };
  const world = new World(await gatherLive(request, liveIo(host)));
  const subjects = chooseSubjects(world, scope);
  if (flag === 'pod')
    return subjects.filter(({ type, ref }) => type.endsWith('-pod') && ref.kind === 'Pod').map(({ ref }) => ref.name);
  return discover(world)
    .installations.filter((installation) => namespace === undefined || installation.namespace === namespace)
    .map((installation) => installation.release);
}

/** Without a terminal: a credential plug-in that wants to ask something is left alone. */
function liveIo(host: Host) {
  return {
    env: host.env,
    now: () => host.now(),
    timer: { after: (milliseconds: number, action: () => void) => host.after(milliseconds, action) },
    random: () => host.random(),
    boundary: () => host.boundary(),
    signal: host.interrupted,
    onProgress: () => {},
  };
}

function textOf(given: Line['given'], name: string): string | undefined {
  return listOf(given, name)?.at(-1);
}

function listOf(given: Line['given'], name: string): readonly string[] | undefined {
  return given.get(name)?.filter((value) => value !== true);
}

const TEXTS = [
  'kubeconfig',
  'context',
  'cluster',
  'user',
  'as',
  'asUid',
  'server',
  'token',
  'certificateAuthority',
  'clientCertificate',
  'clientKey',
  'tlsServerName',
] as const satisfies readonly (keyof ConnectionOptions)[];
const LISTS = ['asGroup', 'asUserExtra'] as const satisfies readonly (keyof ConnectionOptions)[];

function connectionOptions(given: Line['given']): ConnectionOptions {
  return {
    ...Object.fromEntries(TEXTS.map((name) => [name, textOf(given, name)])),
    ...Object.fromEntries(LISTS.map((name) => [name, listOf(given, name)])),
    ...(given.has('insecureSkipTlsVerify') ? { insecureSkipTlsVerify: true } : {}),
  };
}
