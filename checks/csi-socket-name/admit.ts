import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { Json } from '../../src/evidence/json.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import type { Obstacle } from '../../src/evidence/spire/placement.ts';

/** Tolerations for the taints and a selector without what the node lacks; undefined when nothing keeps the pods away. */
export function admit(daemonSet: ObjectRef, obstacles: readonly Obstacle[]): Fix | undefined {
  const taints = obstacles.filter((obstacle) => obstacle.is === 'taint');
  const labels = obstacles.filter((obstacle) => obstacle.is === 'node-selector');
  if (obstacles.length === 0) return undefined;
  const commands: KubectlCommand[] = [];
  const resource = `daemonset/${daemonSet.name}`;
  if (taints.length > 0) {
    const tolerations = taints.map(({ key, value, effect }) =>
      value === '' ? { key, operator: 'Exists', effect } : { key, operator: 'Equal', value, effect },
    );
    const path = '/spec/template/spec/tolerations';
    const operations: readonly Json[] = taints.some(({ first }) => first)
      ? [{ op: 'add', path, value: tolerations }]
      : tolerations.map((value) => ({ op: 'add', path: `${path}/-`, value }));
    commands.push(on(daemonSet, ['patch', resource, '--type=json', '--patch', JSON.stringify(operations)]));
  }
  if (labels.length > 0) {
    const nodeSelector = Object.fromEntries(labels.map(({ key }) => [key, null]));
    const body = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
    commands.push(on(daemonSet, ['patch', resource, '--type=strategic', '--patch', body]));
  }
  const words = [
    ...taints.map(
      ({ key, value, effect }) => `its taint ${key}${value === '' ? '' : `=${value}`}:${effect} is not tolerated`,
    ),
    ...labels.map(
      ({ key, wanted, actual }) =>
        `it has ${actual === undefined ? `no label ${key}` : `${key}=${actual}`}, and ${wanted} is wanted`,
    ),
  ];
  return {
    summary: `Let DaemonSet ${daemonSet.namespace}/${daemonSet.name} run on this node: ${words.join('; ')}.`,
    commands,
    impact: 'cluster-wide',
    preconditions: ['SPIRE may run on this node, and on every other that is like it'],
    undo: 'take the toleration out again, or put the nodeSelector back',
  };
}

export function look(culprit: ObjectRef, summary: string): Fix {
  return {
    summary,
    commands: [on(culprit, ['describe', `${culprit.kind.toLowerCase()}/${culprit.name}`])],
    impact: 'cluster-wide',
    manual: 'what keeps it away was not seen: the events of the object say it',
  };
}

export function on({ namespace }: ObjectRef, args: readonly string[]): KubectlCommand {
  return namespace === undefined ? { args } : { namespace, args };
}
