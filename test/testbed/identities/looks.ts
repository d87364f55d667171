import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { dig, identityOf, objectsAt, textAt } from '../cluster/fields.ts';
import { haproxyPods, MASTER, SVID } from '../faults/memory-happenings.ts';
import type { Testbed } from '../installation.ts';
import { outcome } from '../sandbox/command.ts';
import type { ContainerRef, KubeObject } from '../seams.ts';
import { BASE_ENTRANCE, readyTargets } from '../traffic/targets.ts';

/** Serial number of the certificate in HAProxy's file, in hexadecimal; undefined: there is none. */
export function writtenSerial(testbed: Testbed): string | undefined {
  return written(testbed)?.serialNumber;
}

/** Whether the certificate in HAProxy's file has. */
export function expired(testbed: Testbed): boolean {
  const certificate = written(testbed);
  return certificate !== undefined && certificate.validToDate.getTime() < Date.now();
}

function written(testbed: Testbed): X509Certificate | undefined {
  const [pod] = haproxyPods(testbed);
  const path = pod.onHost(SVID);
  return path === undefined || !existsSync(path) ? undefined : new X509Certificate(readFileSync(path));
}

/** Serial number of the certificate that HAProxy has in its memory, in hexadecimal; undefined: it has none. */
export async function loadedSerial(testbed: Testbed): Promise<string | undefined> {
  const [pod] = haproxyPods(testbed);
  const ask = ['socat', '-t5', '-', `unix-connect:${MASTER}`];
  const { stdout } = await outcome(pod.sandbox.run(ask, `@1 show ssl cert ${SVID}\n`));
  return /^Serial: ([0-9A-F]+)$/m.exec(stdout)?.[1];
}

/** Whom the backend takes HAProxy for, by the certificate that it presents; rejects when a client is not served. */
export async function seenByBackend({ store }: Testbed): Promise<string> {
  const [target] = readyTargets(store, BASE_ENTRANCE);
  if (target === undefined) throw new Error('HAProxy is not ready');
  const { host, port } = target;
  const asked = request({ host, port, agent: false, headers: { Host: 'api.example.com', Connection: 'close' } });
  asked.end();
  const [response] = await once(asked, 'response');
  return (await text(response)).trim();
}

/** What a container has said, in the program's own words. */
function linesOf({ kubelets }: Testbed, ref: ContainerRef): readonly string[] {
  return (kubelets.log(ref, false)?.lines ?? []).map(({ text }) => text);
}

/** What spiffe-helper beside HAProxy has said. */
export function helperLines(testbed: Testbed): readonly string[] {
  const [{ ref }] = haproxyPods(testbed);
  return linesOf(testbed, { ...ref, container: 'spiffe-helper' });
}

/** The node of a container's pod. */
export function nodeOf({ store }: Testbed, { namespace, pod }: ContainerRef): string {
  return textAt(store.get({ kind: 'Pod', namespace, name: pod }), 'spec', 'nodeName');
}

/** Whether some container of SPIRE on a node is not started again for the time being. */
export function isBackedOff(testbed: Testbed, node: string): boolean {
  return spireOn(testbed, node)
    .flatMap((pod) => objectsAt(pod, 'status', 'containerStatuses'))
    .some((status) => textAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff');
}

function spireOn({ store }: Testbed, node: string): readonly KubeObject[] {
  return store.list('Pod', 'spire-server').filter((pod) => textAt(pod, 'spec', 'nodeName') === node);
}

/** What the agent of a node has said. */
export function agentLines(testbed: Testbed, node: string): readonly string[] {
  return spireOn(testbed, node).flatMap((pod) =>
    linesOf(testbed, { ...identityOf(pod), pod: identityOf(pod).name, container: 'spire-agent' }),
  );
}

/** Containers of pods, `namespace/pod/container`, that are not ready. */
export function unready({ store }: Testbed): readonly string[] {
  return store.list('Pod').flatMap((pod) => {
    const { namespace, name } = identityOf(pod);
    const statuses = objectsAt(pod, 'status', 'containerStatuses');
    return objectsAt(pod, 'spec', 'containers')
      .filter(
        (container) => !statuses.some((status) => status.name === container.name && dig(status, 'ready') === true),
      )
      .map((container) => `${namespace}/${name}/${textAt(container, 'name')}`);
  });
}

/** Everything that everybody has said, for whoever has to find out what went wrong. */
export function story(testbed: Testbed): string {
  const refs = testbed.store.list('Pod').flatMap((pod) =>
    objectsAt(pod, 'spec', 'containers').map((container) => ({
      namespace: identityOf(pod).namespace,
      pod: identityOf(pod).name,
      container: textAt(container, 'name'),
    })),
  );
  const told = refs.flatMap((ref) => [`--- ${ref.namespace}/${ref.pod}/${ref.container}`, ...linesOf(testbed, ref)]);
  return [`not ready: ${unready(testbed).join(', ')}`, ...told].join('\n');
}
