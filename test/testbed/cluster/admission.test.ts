import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../seams.ts';
import { type ClusterUnderTest, clusterUnderTest, deployment } from './cluster-under-test.ts';
import { conditionOf } from './conditions.ts';
import { dig, textAt } from './fields.ts';

let cluster: ClusterUnderTest | undefined;

afterEach(async () => {
  await cluster?.close();
});

function quota(hard: KubeObject): KubeObject {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'compute', namespace: 'test' }, spec: { hard } };
}

/** What the conditions of the Deployment and its ReplicaSet say; the pod's name left out. */
function refusals({ one, store }: ClusterUnderTest): readonly string[] {
  const sets = store.list('ReplicaSet', 'test').filter(({ spec }) => dig(spec, 'replicas') !== 0);
  return [one('Deployment', 'test', 'web'), ...sets].map((object) =>
    textAt(conditionOf(object, 'ReplicaFailure'), 'message').replace(/"web-[^"]*"/, '"web"'),
  );
}

test('a quota on limits refuses pods whose containers have none, and a LimitRange fills them in', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, messages } = cluster;
  apply(quota({ 'limits.cpu': '2', 'limits.memory': '1Gi' }));
  const init = { name: 'prepare', image: 'example.net/busybox:1', resources: { limits: { memory: '16Mi' } } };
  apply(deployment('web', { spec: { initContainers: [init] } }));
  await settle();
  const words =
    'pods "web" is forbidden: failed quota: compute: must specify limits.cpu for: main,prepare; limits.memory for: main';
  expect(refusals(cluster)).toEqual([words, words]);
  expect(messages('FailedCreate').map((message) => message.replace(/"web-[^"]*"/, '"web"'))).toEqual([
    `Error creating: ${words}`,
  ]);
  const limits = { type: 'Container', default: { cpu: '100m', memory: '64Mi' } };
  apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'usual', namespace: 'test' },
    spec: { limits: [limits] },
  });
  await settle();
  expect(pods('test', 'web')).toHaveLength(1);
  expect(refusals(cluster)).toEqual(['', '']);
});

test('an exhausted quota refuses one pod more, says what is used, and lets it in when it is raised', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods, one } = cluster;
  apply(quota({ 'limits.cpu': '300m', pods: '10' }));
  const container = { resources: { limits: { cpu: '200m' } } };
  apply(deployment('web', { container }));
  await settle();
  apply(deployment('web', { container: { ...container, image: 'example.net/main:2' } }));
  await settle();
  const words =
    'pods "web" is forbidden: exceeded quota: compute, requested: limits.cpu=200m, used: limits.cpu=200m, limited: limits.cpu=300m';
  expect(refusals(cluster)).toContain(words);
  expect(one('ResourceQuota', 'test', 'compute').status).toEqual({
    hard: { 'limits.cpu': '300m', pods: '10' },
    used: { 'limits.cpu': '200m', pods: '1' },
  });
  apply(quota({ 'limits.cpu': '1' }));
  await settle();
  expect(pods('test', 'web').map((pod) => dig(pod, 'spec', 'containers', 0, 'image'))).toEqual(['example.net/main:2']);
});

test('a namespace that enforces the restricted level refuses what violates it, word by word', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods } = cluster;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test', labels } });
  apply(deployment('web', { spec: { hostPID: true, volumes: [{ name: 'run', hostPath: { path: '/run' } }] } }));
  await settle();
  expect(refusals(cluster)[0]).toBe(
    [
      'pods "web" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostPID=true)',
      'hostPath volumes (volume "run")',
      'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false)',
      'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"])',
      'restricted volume types (volume "run" uses restricted volume type "hostPath")',
      'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
      'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ].join(', '),
  );
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 99 };
  const shared = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const volumes = [{ name: 'run', emptyDir: {} }];
  apply(deployment('web', { container: { securityContext }, spec: { securityContext: shared, volumes } }));
  await settle();
  expect(pods('test', 'web')).toHaveLength(1);
});

test('a mount of a volume that the pod has not is invalid', async () => {
  cluster = clusterUnderTest();
  const { settle, apply } = cluster;
  apply(deployment('web', { container: { volumeMounts: [{ name: 'spiffe-workload-api', mountPath: '/x' }] } }));
  await settle();
  expect(refusals(cluster)[0]).toBe(
    'Pod "web" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "spiffe-workload-api"',
  );
});

test('a bound policy keeps pods off a CSI driver, and everybody else is let in', async () => {
  cluster = clusterUnderTest();
  const { settle, apply, pods } = cluster;
  const api = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'upstream' } };
  const rule = {
    expression: '!object.spec.volumes.exists(c, c.csi.driver == "upstream.example")',
    message: 'not this',
  };
  apply({ ...api, kind: 'ValidatingAdmissionPolicy', spec: { validations: [rule] } });
  const spec = { policyName: 'upstream', validationActions: ['Deny'] };
  apply({ ...api, kind: 'ValidatingAdmissionPolicyBinding', spec });
  const volume = (driver: string) => ({ spec: { volumes: [{ name: 'api', csi: { driver, readOnly: true } }] } });
  apply(deployment('web', volume('upstream.example')));
  await settle();
  const words = `pods "web" is forbidden: ValidatingAdmissionPolicy 'upstream' with binding 'upstream' denied request: not this`;
  expect(refusals(cluster)).toEqual([words, words]);
  expect(pods('test', 'web')).toEqual([]);
  apply(deployment('web', volume('csi.example')));
  await settle();
  expect(pods('test', 'web')).toHaveLength(1);
});
