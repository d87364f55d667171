import { describe, expect, test } from 'vitest';
import { readCliAnswer } from '../../src/evidence/haproxy/answer.ts';
import { parseCaFileList, parseLoadedCaFile } from '../../src/evidence/haproxy/ca-files.ts';
import { parseCertificateList, parseLoadedCertificate } from '../../src/evidence/haproxy/certificates.ts';
import { parseInfo, parseVersion } from '../../src/evidence/haproxy/info.ts';
import { parseMasterVersion, parseProcesses } from '../../src/evidence/haproxy/processes.ts';
import { parseAlerts } from '../../src/evidence/haproxy/startup-logs.ts';
import { parseServers } from '../../src/evidence/haproxy/stat.ts';
import { diskTruth, HAVE_RECORDINGS, type Recording, recordings } from './recordings.ts';

/** Recordings that are HAProxy's answer to a command that failed, or no answer: their kind by their words. */
function kindOf({ text }: Recording): string {
  if (text === '') return 'no-answer';
  if (/^Can't display the (certificate|CA file)/.test(text)) return 'not-loaded';
  if (/^Can't find the target PID/.test(text)) return 'no-target';
  if (/^Unknown command/.test(text)) return 'unknown-command';
  if (/^(Permission denied|Can't allocate memory!)/.test(text)) return 'refused';
  return 'text';
}

function answered(name: RegExp): readonly Recording[] {
  const found = recordings(name);
  expect(found.length, `recordings of ${name}`).toBeGreaterThan(5);
  return found.filter((recording) => {
    const answer = readCliAnswer(recording.text, 0);
    expect(answer.kind, `${recording.version}/${recording.file}`).toBe(kindOf(recording));
    return answer.kind === 'text';
  });
}

describe.skipIf(!HAVE_RECORDINGS)('over the recordings of six releases (skipped where ../shared is missing)', () => {
  test('a loaded certificate has the serial, dates and DNS names that openssl saw on disk under its fingerprint', () => {
    let compared = 0;
    for (const recording of answered(
      /^(?!56|57|58|59|93|D).*show-ssl-cert-(FILE|star|default|.*svid\.pem).*\.txt$|^91-names-(?!ca|show)|^02-at-pid-show-ssl-cert/,
    )) {
      const where = `${recording.version}/${recording.file}`;
      const certificate = parseLoadedCertificate(recording.text);
      expect(certificate, where).toBeDefined();
      if (!certificate) continue;
      const truth = diskTruth(recording.version).get(certificate.sha1);
      expect(truth, `${where}: ${certificate.sha1}`).toBeDefined();
      expect({ ...certificate, serial: certificate.serial }, where).toMatchObject({ ...truth });
      expect(['Used', 'Unused', 'Uncommitted'], where).toContain(certificate.status);
      expect(certificate.name, where).toBe(/^Filename: (.*)$/m.exec(recording.text)?.[1]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
  });

  test('the list of processes names the version that the master says', () => {
    const said = new Map(
      answered(/^01-master-show-version\.txt$/).map(({ version, text }) => [version, parseVersion(text)]),
    );
    for (const { version, text } of answered(/^01-show-proc\.txt$/)) {
      expect(parseMasterVersion(text), version).toBe(said.get(version));
      expect(parseMasterVersion(text), version).toMatch(/^\d+\.\d+\.\d+/);
    }
  });

  test('certificates of the runs with masters of their own are read whole', () => {
    for (const recording of answered(/^(56|57|58|D2).*show-ssl-cert-FILE.*\.txt$/)) {
      const certificate = parseLoadedCertificate(recording.text);
      expect(certificate?.sha1, `${recording.version}/${recording.file}`).toMatch(/^[0-9A-F]{40}$/);
      expect(recording.text).toContain(`Status: ${certificate?.status}\n`);
    }
  });

  test('an empty store is a certificate without a fingerprint', () => {
    for (const { text, version } of answered(/^92-show-empty\.txt$/)) {
      expect(parseLoadedCertificate(text), version).toMatchObject({
        status: 'Empty',
        sha1: '',
        name: '/etc/haproxy/spiffe/brandnew.pem',
      });
    }
  });

  test('the list of certificates has every name that was printed, the transaction apart', () => {
    const open = [];
    for (const { version, file, text } of answered(
      /^\w+-((names-|relative-|worker-socket-|level-\w+-))?show-ssl-cert(-list-\S+)?\.txt$/,
    )) {
      const list = parseCertificateList(text);
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(list?.names, `${version}/${file}`).toEqual(lines.filter((line) => !line.startsWith('*')));
      if (list?.transaction !== undefined) open.push(`${file} ${list.transaction}`);
    }
    expect([...new Set(open)]).toEqual(['40-show-ssl-cert-list-open-transaction.txt /etc/haproxy/spiffe/svid.pem']);
    expect(open).toHaveLength(6);
  });

  test('a CA file is the set of fingerprints that it has on disk', () => {
    const names =
      /^(?!56|57|58|59).*show-ssl-ca-file-(FILE|star)(?!.*(out-of-range|-0\.|range)).*\.txt$|^91-names-ca-(?!system)/;
    let compared = 0;
    for (const recording of answered(names)) {
      const where = `${recording.version}/${recording.file}`;
      const file = parseLoadedCaFile(recording.text);
      expect(file, where).toBeDefined();
      const printed = [...recording.text.matchAll(/^SHA1 FingerPrint: (\w+)$/gm)].map(([, sha1]) => sha1);
      expect(
        file?.certificates.map(({ sha1 }) => sha1),
        where,
      ).toEqual(printed);
      expect(printed.length, where).toBeGreaterThan(0);
      const truth = diskTruth(recording.version);
      for (const { sha1, notAfter } of file?.certificates ?? [])
        expect(notAfter, where).toBe(truth.get(sha1)?.notAfter);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(40);
  });

  test('the list of CA files leaves out the store of the system', () => {
    for (const { version, file, text } of answered(/^\w+-((names-|relative-)?show-ssl-ca-file)(-list-\S+)?\.txt$/)) {
      const list = parseCaFileList(text);
      const lines = text.split('\n').filter((line) => / certificate\(s\)$/.test(line) && !/^[*@]/.test(line));
      expect(
        list?.files.map(({ name, certificates }) => `${name} - ${certificates} certificate(s)`),
        `${version}/${file}`,
      ).toEqual(lines);
      expect(lines.length).toBeGreaterThan(0);
      expect(list?.transaction !== undefined).toBe(text.includes('# transaction'));
    }
  });

  test('answers of one newline are answers, and neither a certificate nor a list of names', () => {
    for (const { version, file, text } of answered(
      /^(14-show-ssl-ca-file-FILE-3-out-of-range|92-show-empty-ca)\.txt$/,
    )) {
      expect(text, `${version}/${file}`).toBe('\n');
      expect(parseLoadedCaFile(text)).toBeUndefined();
      expect(parseCaFileList(text)).toEqual({ files: [] });
    }
  });

  test('the process table names the master’s reloads and every worker under its heading', () => {
    for (const { version, file, text } of answered(/show-proc.*\.txt$/)) {
      const where = `${version}/${file}`;
      const processes = parseProcesses(text);
      const [, reloads, failed] = /^\d+ +master +(\d+) \[failed: (\d+)\]/m.exec(text) ?? [];
      expect(processes, where).toMatchObject({ reloads: Number(reloads), failedReloads: Number(failed) });
      const [current = '', old = ''] = (text.split('# workers\n')[1] ?? '').split('# old workers\n');
      const pids = (part: string) => [...part.matchAll(/^(\d+) +worker/gm)].map(([, pid]) => Number(pid));
      expect(
        processes?.workers.map(({ pid }) => pid),
        where,
      ).toEqual(pids(current));
      expect(
        processes?.oldWorkers.map(({ pid }) => pid),
        where,
      ).toEqual(pids(old));
    }
  });

  test('a worker that drains says so, and the one that took over does not', () => {
    for (const { version, text } of answered(/^61-old-pid-show-info\.txt$/))
      expect(parseInfo(text)?.stopping, version).toBe(true);
    for (const { version, text } of answered(/^61-at1-show-info\.txt$/))
      expect(parseInfo(text)?.stopping, version).toBe(false);
    for (const { version, file, text } of answered(/^(02-worker|80-level-\w+|25)-show-info(-after-traffic)?\.txt$/)) {
      const info = parseInfo(text);
      expect(`${info?.pid}`, `${version}/${file}`).toBe(/^Pid: (\d+)$/m.exec(text)?.[1]);
      expect(info?.version).toBe(/^Version: (.*)$/m.exec(text)?.[1]);
    }
  });

  test('the version is the line that was printed', () => {
    for (const { version, text } of answered(/^(01-master|02-worker)-show-version\.txt$/))
      expect(parseVersion(text), version).toBe(text.trim());
  });

  test('statistics are read by column name, whatever the release adds', () => {
    for (const { version, file, text } of answered(/^(20|61|80)-(old-pid-|level-\w+-)?show-stat(-my-backend)?\.txt$/)) {
      const servers = parseServers(text);
      const rows = text.split('\n').filter((row) => /^[^#,]+,(?!FRONTEND|BACKEND)/.test(row));
      expect(
        servers?.map(({ backend, server }) => `${backend},${server}`),
        `${version}/${file}`,
      ).toEqual(rows.map((row) => row.split(',').slice(0, 2).join(',')));
      for (const [at, row] of rows.entries()) expect(servers?.[at]?.status).toBe(row.split(',')[17]);
    }
    const [mine] = recordings(/^20-show-stat-my-backend\.txt$/).map(({ text }) => parseServers(text)?.[0]);
    expect(mine).toMatchObject({
      status: 'UP',
      checkStatus: 'L6OK',
      lastCheck: 'Layer6 check passed',
      failedHandshakes: 0,
    });
  });

  test('failed handshakes are counted for servers whose certificate is not accepted', () => {
    const failing = recordings(/^20-show-stat\.txt$/).flatMap(({ text }) => parseServers(text) ?? []);
    expect(failing.some(({ failedHandshakes }) => failedHandshakes > 0)).toBe(true);
  });

  test('startup logs give their alerts and nothing else', () => {
    for (const { version, file, text } of answered(/show-startup-logs\.txt$/)) {
      const alerts = parseAlerts(text);
      const count = text.split('\n').filter((line) => line.startsWith('[ALERT]')).length;
      expect(alerts, `${version}/${file}`).toHaveLength(Math.min(count, 200));
      for (const alert of alerts) expect(text).toContain(alert);
    }
  });

  test('what socat says is no answer, with the reason in its words', () => {
    const reasons = recordings(/^7\d-socket-.*stderr\.txt$|^74-stale-socket\.stderr\.txt$/).map(({ text }) =>
      readCliAnswer(text, 1),
    );
    expect(new Set(reasons.map((answer) => (answer.kind === 'no-answer' ? answer.because : answer.kind)))).toEqual(
      new Set(['No such file or directory', 'Permission denied', 'Connection refused']),
    );
  });

  test('levels below operator are refusals, not an empty memory', () => {
    const refused = recordings(/^80-level-user-show-ssl-(cert|ca-file)(-FILE)?\.txt$/).filter(
      ({ text }) => text !== '',
    );
    expect(refused.length).toBeGreaterThan(5);
    for (const { text, file } of refused) expect(readCliAnswer(text, 0).kind, file).toBe('refused');
  });
});
