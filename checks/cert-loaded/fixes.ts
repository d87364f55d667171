import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { verifyChain } from '../../src/evidence/x509/chain.ts';
import { type Scene, timeText } from './scene.ts';

/** Whether a reload would bring HAProxy something good; if not, why not, and whether that was seen or only not ruled out. */
export type Reloadable =
  | { readonly safe: true }
  | { readonly safe: false; readonly seen: boolean; readonly because: string };

/** Everything that a reload would load is there, belongs together and is valid. */
export function reloadable({ svidFiles, haproxyMemory }: Scene): Reloadable {
  if (svidFiles.state !== 'known')
    return { safe: false, seen: false, because: 'the files that it would load were not seen' };
  const loaded = haproxyMemory.state === 'known' ? haproxyMemory.value.svid : haproxyMemory;
  const trouble = troubleWith(svidFiles.value, loaded.state === 'known' ? loaded.value.notBefore : 0);
  return trouble === undefined ? { safe: true } : { safe: false, seen: true, because: trouble };
}

/** `loadedSince`: notBefore of what HAProxy has in memory, 0 when that was not seen. */
function troubleWith({ svid, key, bundle, at }: SvidFiles, loadedSince: number): string | undefined {
  if (svid.state !== 'known' || svid.value.broken.length > 0) return 'svid.pem on disk cannot be read or is broken';
  const leaf = svid.value.certificates[0];
  if (!svid.value.readable || !leaf) return 'svid.pem on disk holds no readable certificate';
  if (leaf.notAfter <= at) return `the SVID on disk expired at ${timeText(leaf.notAfter)}`;
  if (leaf.notBefore > at) return `the SVID on disk is not valid before ${timeText(leaf.notBefore)}`;
  if (leaf.notBefore < loadedSince) return 'the SVID on disk is older than the one in memory';
  const combined = svid.value.otherBlocks.some((label) => label.endsWith('PRIVATE KEY'));
  if (!combined) {
    if (key.state !== 'known' || !key.value.readable || key.value.stat.size === 0)
      return 'the private key on disk is missing, empty or not readable';
    if (key.value.spkiSha256.state === 'known' && key.value.spkiSha256.value !== leaf.spkiSha256)
      return 'the private key on disk belongs to another certificate';
  }
  if (bundle.state !== 'known' || !bundle.value.readable || bundle.value.certificates.length === 0)
    return 'bundle.pem on disk holds no readable certificate';
  const chain = verifyChain(leaf, svid.value.certificates.slice(1), bundle.value.certificates, at);
  if (!chain.complete) return 'the SVID on disk does not lead to any certificate of bundle.pem';
  return undefined;
}

/** A new pod gets nothing unless SPIRE issues; that it does is seen by an SVID that is not yet due for renewal. */
export function isFresh({ svidFiles }: Scene): boolean {
  const svid = svidFiles.state === 'known' ? svidFiles.value.svid : svidFiles;
  const leaf = svid.state === 'known' ? svid.value.certificates[0] : undefined;
  return leaf !== undefined && svidFiles.state === 'known' && svidFiles.value.at < (leaf.notBefore + leaf.notAfter) / 2;
}

export const SPIRE_ISSUES =
  'SPIRE still issues, as it did when the SVID on disk was written: a new pod starts without one';

export function masterSocket({ haproxyMemory, reloaders }: Scene): string {
  if (haproxyMemory.state === 'known') return haproxyMemory.value.socket;
  const seen =
    reloaders.state === 'known' ? reloaders.value.find((view) => view.masterSocket)?.masterSocket : undefined;
  return seen?.path ?? '/etc/haproxy/haproxy-master.sock';
}

/** Sends one line to the master socket. What came from the cluster arrives as arguments, never inside the shell's text. */
function askMaster(scene: Scene, script: string, ...words: readonly string[]): KubectlCommand {
  const { ref } = scene.pod;
  const exec = ['exec', ref.name, '-c', scene.container, '--', 'sh', '-c', script, 'sh', masterSocket(scene), ...words];
  return ref.namespace === undefined ? { args: exec } : { namespace: ref.namespace, args: exec };
}

export function reloadCommand(scene: Scene): KubectlCommand {
  return askMaster(scene, 'echo reload | socat -t30 stdio "unix-connect:$1"');
}

/** Drops an update that nobody finished. Blanks, semicolons and backslashes would end the word for HAProxy. */
export function abortCommand(scene: Scene, kind: 'cert' | 'ca-file', file: string): KubectlCommand {
  const name = file.replace(/[\\ ;]/g, (char) => `\\${char}`);
  return askMaster(scene, `printf '@1 abort ssl ${kind} %s\\n' "$2" | socat -t5 stdio "unix-connect:$1"`, name);
}

const RELOAD_UNDO = 'none needed: a reload that fails leaves the running worker in place';

/** Reload this one HAProxy: nothing else changes and connections are handed over. */
export function reloadFix(scene: Scene, durable?: string): Fix {
  const verdict = reloadable(scene);
  const more = durable === undefined ? {} : { durable };
  if (!verdict.safe) {
    return {
      summary: verdict.seen ? 'Mend the files first, then reload HAProxy.' : 'Look at the files, then reload HAProxy.',
      impact: 'reload',
      manual: verdict.seen
        ? `reloading now would not help: ${verdict.because}`
        : `whether a reload helps cannot be said: ${verdict.because}`,
      ...more,
    };
  }
  return {
    summary: `Reload HAProxy in pod ${scene.pod.ref.name}: the files on disk are complete and valid.`,
    commands: [reloadCommand(scene)],
    impact: 'reload',
    preconditions: ['the answer to `reload` says Success=1 (HAProxy 2.6 to 2.9 answer nothing)'],
    undo: RELOAD_UNDO,
    ...more,
  };
}

/** What must not be done while the files are not good enough to be loaded. */
export function avoidReload(scene: Scene): { readonly avoid?: readonly string[] } {
  const verdict = reloadable(scene);
  return verdict.safe || !verdict.seen
    ? {}
    : { avoid: [`don't reload or restart HAProxy pods yet: ${verdict.because}`] };
}

export const RELOADER_SCRIPT =
  'haproxy.sidecars (container of the reloader): a script that compares contents, looks for Success! in the answers and tries again';
