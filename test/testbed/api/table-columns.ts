import { type Editable, readField } from '../../scenario/field-edit.ts';
import type { KubeObject } from '../seams.ts';
import { type Column, column, count, labels, listed, listOf, member, since, size, text } from './cells.ts';
import { shortDuration } from './duration.ts';
import { podStatus } from './pod-status.ts';

const NAME: Column = { name: 'Name', type: 'string', shown: 'always', cell: text('metadata.name') };
const AGE = column('Age', since('metadata.creationTimestamp'));
const CREATED: Column = { name: 'Created At', type: 'date', shown: 'always', cell: text('metadata.creationTimestamp') };

const containers = (path: string, of: 'name' | 'image') => listed(path, (item) => member(item, of));
const templated = 'spec.template.spec.containers';
const WIDE_TEMPLATE = [
  column('Containers', containers(templated, 'name'), 'wide'),
  column('Images', containers(templated, 'image'), 'wide'),
];
const SELECTOR = column('Selector', labels('spec.selector.matchLabels'), 'wide');

function servicePort(item: Editable): string {
  const node = member(item, 'nodePort');
  return `${member(item, 'port')}${node === undefined ? '' : `:${node}`}/${member(item, 'protocol') ?? 'TCP'}`;
}

function addressOf(type: string): Column['cell'] {
  return (object) =>
    listOf(readField(object, 'status.addresses')).flatMap((item) =>
      member(item, 'type') === type ? (member(item, 'address') ?? []) : [],
    )[0] ?? '<none>';
}

function nodeStatus(object: KubeObject): string {
  const ready = listOf(readField(object, 'status.conditions')).find((item) => member(item, 'type') === 'Ready');
  const state = ready === undefined ? 'Unknown' : member(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return readField(object, 'spec.unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function readyOf(path: string, wanted: string): Column['cell'] {
  return (object) => `${count(path)(object, 0)}/${count(wanted)(object, 0)}`;
}

const eventAge: Column['cell'] = (object, now) => {
  const last = readField(object, 'lastTimestamp') ?? readField(object, 'eventTime');
  return typeof last === 'string'
    ? shortDuration(now - Date.parse(last))
    : since('metadata.creationTimestamp')(object, now);
};

const involved: Column['cell'] = (object) =>
  `${String(readField(object, 'involvedObject.kind')).toLowerCase()}/${text('involvedObject.name', '')(object, 0)}`;

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    NAME,
    column('Ready', (pod) => podStatus(pod, 0).ready),
    column('Status', (pod) => podStatus(pod, 0).status),
    column('Restarts', (pod, now) => podStatus(pod, now).restarts),
    AGE,
    column('IP', text('status.podIP'), 'wide'),
    column('Node', text('spec.nodeName'), 'wide'),
    column('Nominated Node', text('status.nominatedNodeName'), 'wide'),
    column('Readiness Gates', text('spec.readinessGates'), 'wide'),
  ],
  Deployment: [
    NAME,
    column('Ready', readyOf('status.readyReplicas', 'spec.replicas')),
    column('Up-to-date', count('status.updatedReplicas')),
    column('Available', count('status.availableReplicas')),
    AGE,
    ...WIDE_TEMPLATE,
    SELECTOR,
  ],
  DaemonSet: [
    NAME,
    column('Desired', count('status.desiredNumberScheduled')),
    column('Current', count('status.currentNumberScheduled')),
    column('Ready', count('status.numberReady')),
    column('Up-to-date', count('status.updatedNumberScheduled')),
    column('Available', count('status.numberAvailable')),
    column('Node Selector', labels('spec.template.spec.nodeSelector')),
    AGE,
    ...WIDE_TEMPLATE,
    SELECTOR,
  ],
  StatefulSet: [NAME, column('Ready', readyOf('status.readyReplicas', 'spec.replicas')), AGE, ...WIDE_TEMPLATE],
  ReplicaSet: [
    NAME,
    column('Desired', count('spec.replicas')),
    column('Current', count('status.replicas')),
    column('Ready', count('status.readyReplicas')),
    AGE,
    ...WIDE_TEMPLATE,
    SELECTOR,
  ],
  Service: [
    NAME,
    column('Type', text('spec.type', 'ClusterIP')),
    column('Cluster-IP', text('spec.clusterIP')),
    column('External-IP', text('spec.externalIPs')),
    column('Port(s)', listed('spec.ports', servicePort)),
    AGE,
    column('Selector', labels('spec.selector'), 'wide'),
  ],
  ConfigMap: [NAME, column('Data', (map) => Number(size('data')(map, 0)) + Number(size('binaryData')(map, 0))), AGE],
  Secret: [NAME, column('Type', text('type', 'Opaque')), column('Data', size('data')), AGE],
  Namespace: [NAME, column('Status', text('status.phase', 'Active')), AGE],
  Node: [
    NAME,
    column('Status', nodeStatus),
    column('Roles', () => '<none>'),
    AGE,
    column('Version', text('status.nodeInfo.kubeletVersion', '')),
    column('Internal-IP', addressOf('InternalIP'), 'wide'),
    column('External-IP', addressOf('ExternalIP'), 'wide'),
    column('OS-Image', text('status.nodeInfo.osImage', '<unknown>'), 'wide'),
    column('Kernel-Version', text('status.nodeInfo.kernelVersion', '<unknown>'), 'wide'),
    column('Container-Runtime', text('status.nodeInfo.containerRuntimeVersion', '<unknown>'), 'wide'),
  ],
  Ingress: [
    NAME,
    column('Class', text('spec.ingressClassName')),
    column(
      'Hosts',
      listed('spec.rules', (rule) => member(rule, 'host') ?? '*'),
    ),
    column(
      'Address',
      listed('status.loadBalancer.ingress', (at) => member(at, 'ip') ?? member(at, 'hostname')),
    ),
    column('Ports', (ingress) => (readField(ingress, 'spec.tls') === undefined ? '80' : '80, 443')),
    AGE,
  ],
  Event: [
    column('Last Seen', eventAge),
    column('Type', text('type', '')),
    column('Reason', text('reason', '')),
    column('Object', involved),
    column('Subobject', text('involvedObject.fieldPath', ''), 'wide'),
    column('Source', text('source.component', ''), 'wide'),
    column('Message', text('message', '')),
    column('First Seen', since('firstTimestamp'), 'wide'),
    column('Count', count('count', 1), 'wide'),
    { ...NAME, shown: 'wide' },
  ],
  ServiceAccount: [NAME, AGE],
  CSIDriver: [
    NAME,
    column('AttachRequired', text('spec.attachRequired', 'true')),
    column('PodInfoOnMount', text('spec.podInfoOnMount', 'false')),
    column(
      'Modes',
      listed('spec.volumeLifecycleModes', (mode) => String(mode)),
    ),
    AGE,
  ],
  CSINode: [NAME, column('Drivers', (node) => listOf(readField(node, 'spec.drivers')).length), AGE],
  Role: [NAME, CREATED],
  ClusterRole: [NAME, CREATED],
  RoleBinding: [NAME, column('Role', (it) => `${text('roleRef.kind')(it, 0)}/${text('roleRef.name')(it, 0)}`), AGE],
  ClusterRoleBinding: [
    NAME,
    column('Role', (it) => `${text('roleRef.kind')(it, 0)}/${text('roleRef.name')(it, 0)}`),
    AGE,
  ],
  CustomResourceDefinition: [NAME, CREATED],
};

/** The columns that the API server gives a kind; name and age of most. */
export function columnsOf(kind: string): readonly Column[] {
  return COLUMNS[kind] ?? [NAME, AGE];
}
