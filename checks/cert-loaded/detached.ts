import type { Finding } from '../../src/doctor/check.ts';
import type { HaproxyMemory, LoadedCertificate } from '../../src/evidence/facts/haproxy-memory.ts';
import { avoidReload } from './fixes.ts';
import { withBundle } from './lasting.ts';
import { type Scene, type UsedServer, usageOf } from './scene.ts';

/**
 * A certificate that a running server line uses and HAProxy calls unused: after `commit ssl ca-file` some releases
 * detach the servers from the store, so that later commits reach nobody. Judged by this sign; the version is told only
 * because it helps to find the upgrade.
 */
export function detached(scene: Scene, memory: HaproxyMemory, loaded: LoadedCertificate): Finding | undefined {
  if (loaded.status !== 'Unused') return undefined;
  const usage = usageOf(scene);
  const running = usage.state === 'used' ? usage.servers.find((used) => runs(memory, used)) : undefined;
  if (!running || usage.state !== 'used') return undefined;
  const version = memory.version.state === 'known' ? memory.version.value : '';
  const from = memory.svid.state === 'known' ? memory.svid.from : {};
  return {
    message: 'detached',
    data: { server: running.server.name, backend: running.backend, file: loaded.name, version },
    evidence: [
      { from, excerpt: 'Status: Unused' },
      {
        from: { ...usage.config.origin, line: running.server.line },
        excerpt: `server ${running.server.name} … crt ${loaded.name}`,
      },
    ],
    ...withBundle(
      scene,
      ({ pushesCa }) => pushesCa,
      'HAProxy 3.2.8, 3.3 or newer, or a distribution build that carries the fix; until then a reloader that never pushes the CA file',
    ),
    ...avoidReload(scene),
  };
}

/** The worker has the server, by its statistics; without them the deployed configuration is believed. */
function runs({ servers }: HaproxyMemory, { backend, server }: UsedServer): boolean {
  if (servers.state !== 'known' || servers.value.length === 0) return true;
  const shown = servers.value.filter((stat) => stat.backend === backend);
  // Statistics may have been cut to some backends: only one that is shown without the server speaks against it.
  return shown.length === 0 ? false : shown.some((stat) => stat.server === server.name);
}
