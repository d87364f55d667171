import { type Complaint, readComplaint } from '../../../checks/svid-issued/complaint.ts';
import type { HelperLogView } from '../../../src/evidence/facts/helper-log.ts';
import { readHelperLog } from '../../../src/evidence/logs/helper-log.ts';

/** Every form of a line that the doctor was written for, without its time. */
const KNOWN: readonly RegExp[] = [
  /^level=info msg="Using configuration file: \\".+\\"" system=spiffe-helper$/,
  /^level=info msg="Launching daemon" system=spiffe-helper$/,
  /^level=info msg="Starting health server" system=spiffe-helper$/,
  /^level=info msg="Watching for X509 Context" system=spiffe-helper$/,
  /^level=info msg="Received update" spiffe_id="spiffe:\/\/[^"]+" system=spiffe-helper$/,
  /^level=info msg="X.509 certificates updated" system=spiffe-helper$/,
  /^level=info msg=Exiting system=spiffe-helper$/,
  /^level=error msg="Error while watching x509 context: rpc error: code = PermissionDenied desc = no identity issued" system=spiffe-helper$/,
  // Its agent has gone while it listened.
  /^level=error msg="Error while watching x509 context: rpc error: code = Unavailable desc = error reading from server: EOF" system=spiffe-helper$/,
  /^level=error msg="Error while watching x509 context: rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial unix \/spiffe-workload-api\/spire-agent\.sock: connect: (?:no such file or directory|connection refused)\\"" system=spiffe-helper$/,
];

/** Lines of another form. */
export function strangeLines(lines: readonly string[]): readonly string[] {
  return lines
    .map((line) => line.replace(/^time="[^"]+" /, ''))
    .filter((line) => !KNOWN.some((form) => form.test(line)));
}

/** What spiffe-helper complains of at last, in the words of the check that judges it. */
export function complaintIn(lines: readonly string[]): Complaint['kind'] | 'none' {
  return readComplaint([readAsDoctor(lines)])?.kind ?? 'none';
}

/** What the doctor makes of lines that were just said. */
export function readAsDoctor(lines: readonly string[]): HelperLogView {
  const text = lines.map((line) => `${new Date().toISOString()} ${line}\n`).join('');
  return readHelperLog({ helper: 'spiffe-helper', text, truncated: false });
}
