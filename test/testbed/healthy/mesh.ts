import { readField, writeField } from '../../scenario/field-edit.ts';
import type { HealthyVariant } from '../faults/fault.ts';
import type { KubeObject } from '../seams.ts';

const POD = 'spec.template.spec';
const STATUS_PORT = 15_020;
/** Where Istio's agent answers probes, and what they were. */
const PROBERS: Readonly<Record<string, { readonly path: string; readonly port: number }>> = {
  '/app-health/haproxy/readyz': { path: '/ready', port: 8404 },
  '/app-health/spiffe-helper/livez': { path: '/live', port: 8081 },
  '/app-health/spiffe-helper/readyz': { path: '/ready', port: 8081 },
};

/** Pods that a service mesh has changed. */
export const MESH_VARIANTS: readonly HealthyVariant[] = [
  {
    name: 'istio-native-sidecar',
    about: "Istio's sidecar starts first, answers the probes, and has a csi.spiffe.io volume of its own.",
    objects: (objects) =>
      injected(objects, (workload, proxy) => {
        const init = readField(workload, `${POD}.initContainers`);
        if (Array.isArray(init)) init.unshift({ ...proxy, restartPolicy: 'Always' });
      }),
  },
  {
    name: 'istio-sidecar',
    about: "Istio's sidecar of before stands among the containers.",
    objects: (objects) =>
      injected(objects, (workload, proxy) => {
        const containers = readField(workload, `${POD}.containers`);
        if (Array.isArray(containers)) containers.push(proxy);
      }),
  },
];

function injected(objects: KubeObject[], put: (workload: KubeObject, proxy: KubeObject) => void): KubeObject[] {
  const workload = objects.find((object) => readField(object, 'metadata.name') === 'haptic-haproxy');
  if (workload === undefined) throw new Error('the base has no HAProxy');
  const moved = (at: string, path: string) =>
    writeField(workload, `${POD}.${at}.httpGet`, { path, port: STATUS_PORT, scheme: 'HTTP' });
  moved('containers[0].readinessProbe', '/app-health/haproxy/readyz');
  moved('containers[2].livenessProbe', '/app-health/spiffe-helper/livez');
  moved('containers[2].readinessProbe', '/app-health/spiffe-helper/readyz');
  const volumes = readField(workload, `${POD}.volumes`);
  if (Array.isArray(volumes))
    volumes.push({ name: 'workload-socket', csi: { driver: 'csi.spiffe.io', readOnly: true } });
  const probers = Object.entries(PROBERS).map(([path, asked]) => [
    path,
    { httpGet: { ...asked, scheme: 'HTTP' }, timeoutSeconds: 1 },
  ]);
  put(workload, {
    name: 'istio-proxy',
    image: 'docker.io/istio/proxyv2:1.27.0',
    args: ['proxy', 'sidecar'],
    env: [{ name: 'ISTIO_KUBE_APP_PROBERS', value: JSON.stringify(Object.fromEntries(probers)) }],
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15_021 } },
    volumeMounts: [{ name: 'workload-socket', mountPath: '/run/secrets/workload-spiffe-uds', readOnly: true }],
  });
  return objects;
}
