import { describe, expect, it } from 'vitest';
import { servingAgents } from '../../src/evidence/facts/workload-api.ts';
import type { Subject } from '../../src/evidence/subject.ts';
import { World } from '../../src/evidence/world.ts';
import { buildCase } from '../scenario/build.ts';
import type { Change } from '../scenario/case-file.ts';

const SUBJECT: Subject = {
  type: 'haproxy-pod',
  ref: { kind: 'Pod', namespace: 'haptic', name: 'haptic-haproxy-0' },
  node: 'node-a',
};
const AGENT = 'DaemonSet spire-server/spire-agent';

async function agentsWith(...change: Change[]) {
  const world = new World(await buildCase({ source: 'live', complete: true, change }));
  const reading = servingAgents.read(world, SUBJECT);
  if (reading.state !== 'known') throw new Error(`servingAgents is ${reading.state}`);
  return reading.value;
}

describe('servingAgents', () => {
  it('follows the volume to the driver, the directory, the agent and its configuration', async () => {
    const [agent, ...others] = await agentsWith();
    expect(others).toEqual([]);
    expect(agent).toMatchObject({
      driver: 'csi.spiffe.io',
      driverObject: { state: 'known' },
      registeredOnNode: { state: 'known', value: true },
      csiDaemonSet: { value: { name: 'spire-spiffe-csi-driver' } },
      agentDaemonSet: { value: { name: 'spire-agent' } },
      agentOnNode: { value: { ref: { name: 'spire-agent-a' }, ready: true, trouble: [] } },
      trustDomain: { value: 'prod.example.com' },
    });
    expect(agent?.sockets.state === 'known' && agent.sockets.value.map(({ name, alias }) => [name, alias])).toEqual([
      ['spire-agent.sock', false],
      ['socket', true],
      ['api.sock', true],
    ]);
  });

  it('does not know the names when a link cannot be followed', async () => {
    const [agent] = await agentsWith({
      object: AGENT,
      set: {
        at: 'spec.template.spec.initContainers[0].args',
        to: ['cd /run/spire/agent-sockets; ln -s spire-agent.sock "$ALIAS"'],
      },
    });
    expect(agent?.sockets).toMatchObject({ state: 'unknown', why: 'unreadable' });
  });

  it('takes the agent that uses the directory of the driver when there are several', async () => {
    const second = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'another-agent', namespace: 'another-spire' },
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'spire-agent',
                image: 'ghcr.io/spiffe/spire-agent:1.15.3',
                args: ['-config', '/conf/agent.conf'],
                volumeMounts: [{ name: 'sockets', mountPath: '/run/sockets' }],
              },
            ],
            volumes: [{ name: 'sockets', hostPath: { path: '/run/spire/sockets' } }],
          },
        },
      },
    };
    const [agent] = await agentsWith({ add: second });
    expect(agent?.agentDaemonSet).toMatchObject({ value: { namespace: 'spire-server', name: 'spire-agent' } });
    const [none] = await agentsWith({ add: second }, { remove: AGENT });
    expect(none?.agentDaemonSet).toMatchObject({ state: 'absent', missing: 'mount' });
  });

  it('says that a node has no agent only when all pods were seen', async () => {
    const [absent] = await agentsWith({ remove: 'Pod spire-server/spire-agent-a' });
    expect(absent?.agentOnNode.state).toBe('absent');
    const [unseen] = await agentsWith({ refuse: { what: 'objects', kind: 'DaemonSet', why: 'forbidden' } });
    expect(unseen?.agentOnNode).toMatchObject({ state: 'unknown', why: 'forbidden' });
  });
});
