import { type Certificate, type ParsedCertificate, parseCertificate } from '../certificate.ts';
import type { CertificateFile, FileStat, KeyFile, SvidFiles, SvidPaths } from '../facts/svid-files.ts';
import { CUT } from '../probe/status.ts';
import { absent, chainReading, known, type Origin, type Reading, type Unknown, unknown } from '../reading.ts';
import type { CollectedProbe, ProbeAnswer } from '../snapshot.ts';
import type { World } from '../world.ts';
import { cutPem, type PemFrame } from './pem-frames.ts';
import { publicKeyDigest } from './private-key.ts';

/** More than a bundle of all public authorities; a file with more is not judged. */
const MAX_CERTIFICATES = 300;

interface Parsed {
  readonly certificates: readonly Certificate[];
  readonly broken: readonly string[];
}

/** Reads what a probe answered about the files of an SVID. */
export class ProbedFiles {
  readonly #world: World;
  readonly #probe: CollectedProbe;
  readonly #from: Origin;

  constructor(world: World, probe: CollectedProbe, from: Origin) {
    this.#world = world;
    this.#probe = probe;
    this.#from = from;
  }

  read(paths: SvidPaths): Reading<SvidFiles> {
    const clock = this.#answer('clock', '');
    if (clock.state !== 'known') return clock;
    const podNow = wholeNumber(clock.value.text, 10);
    const who = this.#answer('whoami', '');
    if (who.state !== 'known') return who;
    const reader = readerOf(who.value.text);
    if (podNow === undefined || reader === undefined) return unknown('unreadable', 'the pod gave no clock, or no user');
    return known(
      {
        podNow: podNow * 1000,
        at: Date.parse(this.#probe.at),
        reader,
        directory: this.#stat(paths.directory),
        svid: this.#certificates(paths.svid),
        key: this.#key(paths.key),
        bundle: this.#certificates(paths.bundle),
        paths,
        ...this.#newestElsewhere(),
      },
      this.#from,
    );
  }

  #newestElsewhere(): { readonly newestElsewhere?: number } {
    const { namespace, pod } = this.#probe;
    const issued = this.#world.memo('SVIDs of all probed pods, the newest first', () =>
      this.#world.snapshot.probes
        .map((probe) => {
          const texts = probe.answers.filter(({ id }) => id === 'certificates').map(({ text }) => this.#parse(text));
          const leaves = texts.flatMap(({ certificates }) =>
            certificates.filter(({ ca, uris }) => !ca && uris.length > 0),
          );
          return { probe, newest: leaves.reduce((newest, leaf) => Math.max(newest, leaf.notBefore), 0) };
        })
        .toSorted((a, b) => b.newest - a.newest),
    );
    const newest = issued.find(({ probe }) => probe.namespace !== namespace || probe.pod !== pod)?.newest ?? 0;
    return newest > 0 ? { newestElsewhere: newest } : {};
  }

  #stat(path: string): Reading<FileStat> {
    return chainReading(this.#answer('stat', path), ({ status, text }, from) => {
      if (status !== 0 && /no such file|not a directory/i.test(text)) return absent('file', path, from);
      if (status !== 0) return unknown('unreadable', `${path}: ${firstLine(text)}`);
      const stat = statOf(path, text);
      return stat ? known(stat, from) : unknown('unreadable', `${path}: the answer of stat cannot be read`);
    });
  }

  #certificates(path: string): Reading<CertificateFile> {
    return chainReading(this.#stat(path), (stat): Reading<CertificateFile> => {
      const readable = this.#readable(path);
      if (readable.state !== 'known') return readable;
      if (!readable.value)
        return known({ stat, readable: false, otherBlocks: [], certificates: [], broken: [] }, this.#at(path));
      const [text, blocks] = [this.#whole('certificates', path, stat), this.#whole('blocks', path, stat)];
      if (text.state !== 'known') return text;
      if (blocks.state !== 'known') return blocks;
      const { certificates, broken } = this.#parse(text.value);
      if (certificates.length + broken.length > MAX_CERTIFICATES)
        return unknown('truncated', `${path} holds more than ${MAX_CERTIFICATES} certificates`);
      const otherBlocks = labelsIn(blocks.value);
      return known({ stat, readable: true, otherBlocks, certificates, broken }, this.#at(path));
    });
  }

  /** What did not come whole is unknown: a bundle without its end looks like one without an authority. */
  #whole(id: 'certificates' | 'blocks', path: string, { type }: FileStat): Reading<string> {
    return chainReading(this.#answer(id, path), ({ status, text }, from) => {
      // Of a directory in the file's place there is nothing more to know.
      if (status === 0 || type !== 'file') return known(text, from);
      return status === CUT
        ? unknown('truncated', `${path} did not come whole out of the pod`)
        : unknown('no-answer', `${path}: ${firstLine(text) || `its filter ended with status ${status}`}`);
    });
  }

  #key(path: string): Reading<KeyFile> {
    return chainReading(this.#stat(path), (stat) => {
      const readable = this.#readable(path);
      if (readable.state !== 'known') return readable;
      return known({ stat, readable: readable.value, spkiSha256: this.#publicHalf(path) }, this.#at(path));
    });
  }

  #publicHalf(path: string): Reading<string> {
    return chainReading(this.#answer('public-key', path), ({ status, text }, from) => {
      if (status !== 0) return unknown('no-answer', `the key's public half: ${firstLine(text)}`);
      const digest = publicKeyDigest(text);
      return digest === undefined ? unknown('unreadable', 'the answer is no public key') : known(digest, from);
    });
  }

  #readable(path: string): Reading<boolean> {
    return chainReading(this.#answer('readable', path), ({ status }, from) => known(status === 0, from));
  }

  /** Of each pod once for itself and once for all; and pods of one trust domain hold the same bundle. */
  #parse(text: string): Parsed {
    const known = this.#world.memo('certificates by their text', () => new Map<string, Parsed>());
    const before = known.get(text);
    if (before) return before;
    const parsed = this.#parseAnew(text);
    known.set(text, parsed);
    return parsed;
  }

  #parseAnew(text: string): Parsed {
    const certificates: Certificate[] = [];
    const broken: string[] = [];
    const frames = cutPem(text)
      .filter((frame) => frame.kind === 'block')
      .slice(0, MAX_CERTIFICATES + 1);
    for (const [position, frame] of frames.entries()) {
      const parsed = this.#certificate(frame);
      if (parsed.ok) certificates.push(parsed.certificate);
      else broken.push(`certificate ${position + 1}: ${parsed.because}`);
    }
    return { certificates, broken };
  }

  /** Certificates of authorities come with many SVIDs: each is parsed once. */
  #certificate(frame: PemFrame & { readonly kind: 'block' }): ParsedCertificate {
    const { body } = frame;
    if (!body.ok) return body;
    const key = `certificate ${Buffer.from(body.der).toString('base64')}`;
    return this.#world.memo(key, () => parseCertificate(body.der));
  }

  #answer(id: string, argument: string): Reading<ProbeAnswer> {
    const answer = this.#probe.answers.find((one) => one.id === id && (argument === '' || one.argument === argument));
    if (answer) return known(answer, this.#at(argument));
    return this.#notGiven(argument === '' ? id : `${id} of ${argument}`);
  }

  #notGiven(what: string): Unknown {
    return this.#probe.complete
      ? unknown('no-evidence', `the pod was not asked for the ${what}`)
      : unknown('truncated', `the pod\u2019s answers ended before the ${what}`);
  }

  #at(path: string): Origin {
    return path === '' ? this.#from : { ...this.#from, field: path };
  }
}

const TYPES: ReadonlyMap<string, FileStat['type']> = new Map([
  ['regular file', 'file'],
  ['regular empty file', 'file'],
  ['directory', 'directory'],
  ['symbolic link', 'link'],
]);

/** `type|uid|gid|octal mode|size|mtime`, the time in epoch seconds. */
function statOf(path: string, text: string): FileStat | undefined {
  const [type = '', ...numbers] = text.trim().split('|');
  const [uid, gid, mode, size, mtime] = numbers.map((word, position) => wholeNumber(word, position === 2 ? 8 : 10));
  if (uid === undefined || gid === undefined || mode === undefined || size === undefined || mtime === undefined) {
    return undefined;
  }
  return { path, type: TYPES.get(type) ?? 'other', uid, gid, mode: mode & 0o7777, size, mtime: mtime * 1000 };
}

function readerOf(text: string): SvidFiles['reader'] | undefined {
  const [first = '', second = '', third = ''] = text.split('\n');
  const uid = wholeNumber(first, 10);
  const gid = wholeNumber(second, 10);
  if (uid === undefined || gid === undefined) return undefined;
  const groups = third
    .trim()
    .split(/\s+/, 100)
    .map((word) => wholeNumber(word, 10));
  return { uid, gid, groups: groups.filter((group) => group !== undefined) };
}

/** Labels of the blocks that are not certificates, of lines `N:-----BEGIN label-----`. */
function labelsIn(text: string): readonly string[] {
  const labels: string[] = [];
  for (const line of text.split('\n', 1000)) {
    const [, label] = /^\d{1,7}:-----BEGIN ([A-Z0-9 ]{1,40}|\?)-----\s*$/.exec(line) ?? [];
    if (label !== undefined && label !== 'CERTIFICATE') labels.push(label);
  }
  return labels;
}

function wholeNumber(word: string, radix: 8 | 10): number | undefined {
  const digits = word.trim();
  if (!(radix === 8 ? /^[0-7]{1,7}$/ : /^\d{1,15}$/).test(digits)) return undefined;
  return Number.parseInt(digits, radix);
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, 200);
}
