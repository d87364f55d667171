import type { CaFileList, HaproxyMemory, LoadedCaFile, LoadedCertificate } from '../facts/haproxy-memory.ts';
import { MASTER_SOCKET } from '../probe/command.ts';
import { fileStatOf } from '../probe/file-stat.ts';
import { absent, chainReading, known, mapReading, type Origin, type Reading, unknown } from '../reading.ts';
import type { CollectedProbe } from '../snapshot.ts';
import { parseCaFileList, parseLoadedCaFile } from './ca-files.ts';
import { parseCertificateList, parseLoadedCertificate } from './certificates.ts';
import { Conversation } from './conversation.ts';
import { parseVersion } from './info.ts';
import { isSameFile } from './loaded-name.ts';
import { parseMasterVersion, parseProcesses } from './processes.ts';
import { parseAlerts } from './startup-logs.ts';
import { parseServers } from './stat.ts';

/** What a probe's answers say about HAProxy's memory. */
export function readMemory(probe: CollectedProbe, origin: Origin): Reading<HaproxyMemory> {
  const clock = probe.answers.find((answer) => answer.id === 'clock');
  if (!clock) return unknown('truncated', 'the probe in the pod was cut off before it said anything');
  const seconds = Number(clock.text.trim());
  if (clock.status !== 0 || clock.text.trim() === '' || !Number.isInteger(seconds)) {
    return unknown('no-shell', 'container haproxy has no usable `date`, so nothing in it can be dated');
  }
  const talk = new Conversation(probe, origin);
  const socketAnswer = probe.answers.find((answer) => answer.id === 'stat');
  const socket = socketAnswer?.argument ?? MASTER_SOCKET;
  const certificates = talk.worker('show ssl cert', parseCertificateList);
  const caFileList = talk.worker('show ssl ca-file', parseCaFileList);
  const transaction = certificates.state === 'known' ? certificates.value.transaction : undefined;
  const caTransaction = caFileList.state === 'known' ? caFileList.value.transaction : undefined;
  const svid = loaded(talk, 'show ssl cert', parseLoadedCertificate);
  const pending = pendingOf(talk, 'show ssl cert', certificates, transaction, parseLoadedCertificate);
  const pendingBundle = pendingOf(talk, 'show ssl ca-file', caFileList, caTransaction, parseLoadedCaFile);
  const memory: HaproxyMemory = {
    at: Date.parse(probe.at),
    podNow: seconds * 1000,
    socket,
    version: versionOf(talk),
    processes: talk.master('show proc', parseProcesses),
    worker: talk.answering(),
    // Of one that has been finished since the list was made, nothing is left to say.
    certificates: pending.state === 'absent' ? mapReading(certificates, ({ names }) => ({ names })) : certificates,
    caFiles: mapReading(caFileList, (list) => list.files),
    ...(caTransaction === undefined || pendingBundle.state === 'absent' ? {} : { caTransaction }),
    svid,
    pending,
    bundle: chainReading(loaded(talk, 'show ssl ca-file', parseLoadedCaFile), (bundle, from) =>
      asManyAsListed(bundle, from, caFileList),
    ),
    pendingBundle,
    startupLogs: startupLogs(talk),
    servers: talk.worker('show stat -1 4 -1', parseServers),
    socketStat: chainReading(talk.given(socketAnswer), (answer, from) => fileStatOf(answer, from)),
  };
  return known(memory, origin);
}

/** The SVID or bundle under the name by which the worker knows it: as asked, or another spelling of the same path. */
function loaded<T extends LoadedCertificate | LoadedCaFile>(
  talk: Conversation,
  command: string,
  parse: (text: string) => T | undefined,
): Reading<T> {
  const asked = talk.names(command);
  const [path] = asked;
  if (path === undefined) return talk.worker(`${command} `, parse);
  const readings = asked
    .filter((name) => isSameFile(name, path))
    .map((name) => talk.worker(`${command} ${name}`, parse));
  return (
    readings.find((reading) => reading.state === 'known') ??
    readings.find((reading) => reading.state === 'unknown') ??
    readings[0] ??
    unknown('no-evidence', `HAProxy was not asked for ${path}`)
  );
}

/** Names in certificates may hold line breaks, and any text after them: what looks like another end is noticed here. */
function asManyAsListed(bundle: LoadedCaFile, from: Origin, list: Reading<CaFileList>): Reading<LoadedCaFile> {
  const listed = list.state === 'known' ? list.value.files.find(({ name }) => name === bundle.name) : undefined;
  const shown = bundle.certificates.length;
  return listed === undefined || listed.certificates === shown
    ? known(bundle, from)
    : unknown('unreadable', `HAProxy lists ${listed.certificates} certificates in ${bundle.name}, and shows ${shown}`);
}

function pendingOf<T>(
  talk: Conversation,
  command: string,
  list: Reading<unknown>,
  name: string | undefined,
  parse: (text: string) => T | undefined,
): Reading<T> {
  if (list.state !== 'known') return list;
  if (name === undefined)
    return absent('line', `no transaction of ${command.replace('show', 'set')} is open`, list.from);
  return talk.worker(`${command} *${name}`, parse);
}

/** Asked for where the list of processes does not say it, as that of every master since 2.0 does. */
function versionOf(talk: Conversation): Reading<string> {
  const listed = talk.master('show proc', parseMasterVersion);
  return listed.state === 'known' ? listed : talk.master('show version', parseVersion);
}

/** The master's last load and the worker's own; a master before 3.0 keeps none. */
function startupLogs(talk: Conversation): Reading<readonly string[]> {
  const worker = talk.worker('show startup-logs', parseAlerts);
  const master = talk.master('show startup-logs', parseAlerts);
  if (master.state !== 'known') return worker;
  if (worker.state !== 'known') return master;
  return known([...new Set([...master.value, ...worker.value])], master.from);
}
