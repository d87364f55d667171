import type { CollectedLog, NotCollected } from '../../src/evidence/snapshot.ts';
import type { Change } from './case-file.ts';
import { type EditableObject, readField } from './field-edit.ts';
import { HAPROXY_ID } from './identities.ts';
import { iso, moment } from './moments.ts';

export function logsOf(
  objects: readonly EditableObject[],
  changes: readonly Change[],
  notCollected: readonly NotCollected[],
): CollectedLog[] {
  const logs = new Map<string, CollectedLog>();
  const put = (namespace: string, pod: string, container: string, previous: boolean, lines: readonly string[]) => {
    const text = lines.map((line) => `${line}\n`).join('');
    logs.set(`${pod} ${container} ${previous}`, {
      namespace,
      pod,
      container,
      previous,
      at: iso(moment('0s')),
      text,
      truncated: false,
    });
  };
  for (const pod of objects.filter(({ kind }) => kind === 'Pod')) {
    const name = String(readField(pod, 'metadata.name'));
    const namespace = String(readField(pod, 'metadata.namespace'));
    for (const [container, lines] of healthyLogs(name)) put(namespace, name, container, false, lines.map(stamp));
  }
  for (const change of changes) {
    if (!('log' in change)) continue;
    const pods = change.log.pod === undefined ? ['haptic-haproxy-0', 'haptic-haproxy-1'] : [change.log.pod];
    const namespaceOf = (pod: string) =>
      String(
        readField(
          objects.find((object) => object.kind === 'Pod' && readField(object, 'metadata.name') === pod) ?? {},
          'metadata.namespace',
        ) ?? 'haptic',
      );
    for (const pod of pods)
      put(namespaceOf(pod), pod, change.log.container, change.log.previous ?? false, change.log.lines.map(stamp));
  }
  return [...logs.values()].filter(
    (log) =>
      !notCollected.some(
        ({ target }) =>
          target.what === 'log' &&
          target.pod === log.pod &&
          target.container === log.container &&
          target.previous === log.previous,
      ),
  );
}

/** `-60s text` as the API prints it with timestamps. */
function stamp(line: string): string {
  const [offset = '', ...words] = line.split(' ');
  return `${new Date(moment(offset)).toISOString()} ${words.join(' ')}`;
}

function healthyLogs(pod: string): readonly (readonly [string, readonly string[]])[] {
  const helper = (offset: string, message: string, more = '') =>
    `${offset} time="${iso(moment(offset))}" level=info msg="${message}"${more} system=spiffe-helper`;
  if (pod.startsWith('haptic-haproxy-')) {
    return [
      [
        'spiffe-helper',
        [
          helper('-119m', 'Using configuration file: \\"/etc/spiffe-helper/helper.conf\\"'),
          helper('-119m', 'Launching daemon'),
          helper('-119m', 'Watching for X509 Context'),
          helper('-119m', 'Received update', ` spiffe_id="${HAPROXY_ID}"`),
          helper('-119m', 'X.509 certificates updated'),
          helper('-20m', 'Received update', ` spiffe_id="${HAPROXY_ID}"`),
          helper('-20m', 'X.509 certificates updated'),
        ],
      ],
      [
        'cert-reloader',
        [
          '-20m Transaction created for certificate /etc/haproxy/spiffe/svid.pem!',
          '-20m transaction created for CA /etc/haproxy/spiffe/bundle.pem!',
        ],
      ],
    ];
  }
  if (pod.startsWith('haptic-controller-'))
    return [['controller', ['-30m level=INFO msg="Configuration validated successfully"']]];
  if (pod.startsWith('spire-agent-')) {
    const id = `spiffe_id="${HAPROXY_ID}"`;
    return [
      [
        'spire-agent',
        [`-20m time="${iso(moment('-20m'))}" level=info msg="Renewing X509-SVID" ${id} subsystem_name=manager`],
      ],
    ];
  }
  return [];
}
