import { createServer } from 'node:net';
import type { ObjectChange } from '../faults/fault.ts';
import { conf, helperField, WORKLOAD } from '../faults/helper-changes.ts';
import { SERVER_PORT } from './server.ts';

export const TRUST_DOMAIN = 'prod.example.com';

/** The release that `.ci/fetch-spire` builds. */
const RELEASE = '1.14.5';

/** What the base leaves out because no stand-in reads it, and what has to differ because all pods share one network. */
export function realSettings(healthPort: number): readonly ObjectChange[] {
  const agent = {
    data_dir: '/var/lib/spire',
    log_level: 'info',
    server_address: 'spire-server.spire-server',
    server_port: SERVER_PORT,
    socket_path: '/tmp/spire-agent/public/spire-agent.sock',
    trust_domain: TRUST_DOMAIN,
    insecure_bootstrap: true,
    experimental: { sync_interval: '1s' },
  };
  const plugins = {
    NodeAttestor: [{ join_token: { plugin_data: {} } }],
    KeyManager: [{ memory: { plugin_data: {} } }],
    WorkloadAttestor: [{ unix: { plugin_data: {} } }],
  };
  return [
    {
      object: 'ConfigMap spire-server/spire-agent',
      set: { at: 'data["agent.conf"]', to: JSON.stringify({ agent, plugins }, undefined, 2) },
    },
    image('DaemonSet spire-server/spire-agent', `ghcr.io/spiffe/spire-agent:${RELEASE}`),
    image('StatefulSet spire-server/spire-server', `ghcr.io/spiffe/spire-server:${RELEASE}`),
    // spiffe-helper listens at every address of the machine, so that there can be only one, at a port that is free.
    { object: WORKLOAD, set: { at: 'spec.replicas', to: 1 } },
    conf('bind_port = "8081"', `bind_port = "${healthPort}"`),
    helperField('livenessProbe.httpGet.port', healthPort),
    helperField('readinessProbe.httpGet.port', healthPort),
  ];
}

function image(object: string, to: string): ObjectChange {
  return { object, set: { at: 'spec.template.spec.containers[0].image', to } };
}

/** A port that nobody listens at for now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen(0, () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
