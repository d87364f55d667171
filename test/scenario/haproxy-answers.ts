import type { Certificate } from '../../src/evidence/certificate.ts';
import type { FakePaths } from './probe-disk.ts';

/** What HAProxy 3.2 answers on its master socket. */
export interface FakeMemory {
  /** `3.2.26-1` */
  readonly version: string;
  /** Absent: no server line loads it. */
  readonly svid?: FakeLoaded;
  readonly bundle?: FakeCaFile;
  /** An open `set ssl cert`: the file it is about (default: the SVID) and what would be committed. */
  readonly transaction?: FakeLoaded;
  /** An open `set ssl ca-file`. */
  readonly caTransaction?: FakeCaFile;
  /** Further names in `show ssl cert`. */
  readonly otherCertificates?: readonly string[];
  readonly processes?: FakeProcesses;
  readonly servers?: readonly FakeServer[];
  readonly startupLogs?: { readonly master?: readonly string[]; readonly worker?: readonly string[] };
  /** The worker is stopped: the master answers, `@1` is silent. */
  readonly workerSilent?: boolean;
}

interface FakeLoaded {
  /** Default: the pod's path. */
  readonly name?: string;
  /** Default `Used`. */
  readonly status?: string;
  /** Absent: a store without a certificate (`Empty`). */
  readonly certificate?: Certificate;
  readonly chain?: readonly Certificate[];
}

interface FakeCaFile {
  readonly name?: string;
  readonly status?: string;
  readonly certificates: readonly Certificate[];
}

interface FakeProcesses {
  readonly masterPid?: number;
  readonly reloads?: number;
  readonly failedReloads?: number;
  readonly workers: readonly { readonly pid: number; readonly uptimeSeconds: number }[];
  readonly oldWorkers?: readonly { readonly pid: number; readonly uptimeSeconds: number }[];
}

interface FakeServer {
  readonly backend: string;
  readonly server: string;
  /** Default `UP`. */
  readonly status?: string;
  /** Default `L6OK`. */
  readonly checkStatus?: string;
  /** Default `Layer6 check passed`. */
  readonly lastCheck?: string;
  readonly connectionErrors?: number;
  readonly failedHandshakes?: number;
}

const ONE_WORKER: FakeProcesses = { workers: [{ pid: 8, uptimeSeconds: 3_600 }] };

export function startupLogs(lines: readonly string[] | undefined): string {
  const shown = lines ?? ['[NOTICE]   (1) : Initializing new worker (8)', '[NOTICE]   (1) : Loading success.'];
  return `${shown.map((line) => `${line}\n`).join('')}\n`;
}

export function nameOf(loaded: FakeLoaded, path: string): string {
  return loaded.name ?? path;
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function showProc({ version, processes = ONE_WORKER }: FakeMemory): string {
  const row = (pid: number, type: string, reloads: string, uptime: number) =>
    `${`${pid}`.padEnd(15)} ${type.padEnd(15)} ${reloads.padEnd(15)} ${uptimeText(uptime).padEnd(15)} ${version.padEnd(15)}\n`;
  const { workers, oldWorkers = [], masterPid = 1, reloads = 0, failedReloads = 0 } = processes;
  const eldest = Math.max(0, ...[...workers, ...oldWorkers].map((process) => process.uptimeSeconds));
  return [
    '#<PID>          <type>          <reloads>       <uptime>        <version>      \n',
    row(masterPid, 'master', `${reloads} [failed: ${failedReloads}]`, eldest),
    '# workers\n',
    ...workers.map((process) => row(process.pid, 'worker', '0', process.uptimeSeconds)),
    ...(oldWorkers.length > 0 ? ['# old workers\n'] : []),
    ...oldWorkers.map((process) => row(process.pid, 'worker', '1', process.uptimeSeconds)),
    '\n',
  ].join('');
}

function uptimeText(seconds: number): string {
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, '0');
  return `${Math.floor(seconds / 86_400)}d${two((seconds / 3_600) % 24)}h${two((seconds / 60) % 60)}m${two(seconds % 60)}s`;
}

export function showInfo(memory: FakeMemory): string {
  const worker = (memory.processes ?? ONE_WORKER).workers[0] ?? memory.processes?.oldWorkers?.[0];
  return `Name: HAProxy\nVersion: ${memory.version}\nNbthread: 2\nPid: ${worker?.pid ?? 0}\nUptime_sec: ${worker?.uptimeSeconds ?? 0}\nStopping: 0\n\n`;
}

export function certificateList(memory: FakeMemory, paths: FakePaths): string {
  const open = memory.transaction ? `# transaction\n*${nameOf(memory.transaction, paths.svid)}\n` : '';
  const names = [...(memory.svid ? [nameOf(memory.svid, paths.svid)] : []), ...(memory.otherCertificates ?? [])].sort();
  return names.length === 0 && open === '' ? '\n' : `${open}# filename\n${names.map((name) => `${name}\n`).join('')}\n`;
}

export function caFileList(memory: FakeMemory, paths: FakePaths): string {
  const open = memory.caTransaction
    ? `# transaction\n*${memory.caTransaction.name ?? paths.bundle} - ${memory.caTransaction.certificates.length} certificate(s)\n`
    : '';
  const loaded = memory.bundle
    ? `${memory.bundle.name ?? paths.bundle} - ${memory.bundle.certificates.length} certificate(s)\n`
    : '';
  return `${open}# filename\n${loaded}@system-ca - 144 certificate(s)\n\n`;
}

export function showCertificate(loaded: FakeLoaded, path: string): string {
  const name = nameOf(loaded, path);
  const { certificate, chain = [] } = loaded;
  if (!certificate) return `Filename: ${name}\nStatus: Empty\nOCSP Response Key: \n\n`;
  return [
    `Filename: ${name}\n`,
    ...['Crt', 'Key', 'OCSP', 'SCTL'].map(
      (what, at) => `${what} filename: ${path}${['', '.key', '.ocsp', '.sctl'][at] ?? ''}\n`,
    ),
    `Status: ${loaded.status ?? 'Used'}\n`,
    certificateLines(certificate),
    ...chain.map((above) => `Chain Subject: ${slashed(above.subject)}\nChain Issuer: ${slashed(above.issuer)}\n`),
    'OCSP Response Key: \n\n',
  ].join('');
}

export function showCaFile(loaded: FakeCaFile, path: string): string {
  const head = `Filename: ${loaded.name ?? path}\nStatus: ${loaded.status ?? 'Used'}\n`;
  const each = loaded.certificates.map(
    (certificate, at) => ` \nCertificate #${at + 1}:\n${certificateLines(certificate)}`,
  );
  return `${head}${each.join('')}\n`;
}

/** HAProxy prints an empty item for every subject alternative name that is not a DNS name. */
function certificateLines(certificate: Certificate): string {
  const names = [...certificate.dnsNames.map((name) => `DNS:${name}`), ...certificate.uris.map(() => '')];
  return [
    `Serial: ${certificate.serial.toUpperCase()}\n`,
    `notBefore: ${openSslDate(certificate.notBefore)}\n`,
    `notAfter: ${openSslDate(certificate.notAfter)}\n`,
    `Subject Alternative Name: ${names.join(', ')}\n`,
    'Algorithm: EC256\n',
    `SHA1 FingerPrint: ${certificate.sha1.replaceAll(':', '').toUpperCase()}\n`,
    `Subject: ${slashed(certificate.subject)}\n`,
    `Issuer: ${slashed(certificate.issuer)}\n`,
  ].join('');
}

/** `C=US, O=SPIRE` as OpenSSL's one-line form `/C=US/O=SPIRE`. */
function slashed(distinguishedName: string): string {
  const parts = distinguishedName.split(/, |\n|\+/).filter((part) => part !== '');
  return parts.map((part) => `/${part.replace(' = ', '=')}`).join('');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function openSslDate(at: number): string {
  const date = new Date(at);
  const day = `${date.getUTCDate()}`.padStart(2, ' ');
  return `${MONTHS[date.getUTCMonth()] ?? ''} ${day} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()} GMT`;
}

/** Only columns that are read, some of their neighbours, and the trailing comma of the real header. */
export function showStat(servers: readonly FakeServer[]): string {
  const header =
    '# pxname,svname,qcur,econ,status,lastchg,type,check_status,check_code,last_chk,check_desc,addr,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,';
  const rows = servers.map((server) => {
    const { status = 'UP', checkStatus = 'L6OK', lastCheck = 'Layer6 check passed' } = server;
    return [
      server.backend,
      server.server,
      0,
      server.connectionErrors ?? 0,
      status,
      60,
      2,
      checkStatus,
      '',
      lastCheck,
      '',
      '',
      '-',
      0,
      0,
      server.failedHandshakes ?? 0,
      '',
    ].join(',');
  });
  return `${[header, ...rows].join('\n')}\n\n`;
}
