/** An address and port that HAProxy listens on. */
export interface Bind {
  readonly address: string;
  readonly port: number;
  readonly line: number;
}

/** Port ranges are spelled out; nothing sensible has more. */
const MAX_PORTS = 1024;

/** Addresses of a `bind` line: `*:8080,[::]:8080`, `:8000-8010`. Sockets and descriptors have no port and are left out. */
export function bindsOf(addresses: string, line: number): readonly Bind[] {
  const binds: Bind[] = [];
  for (const text of addresses.split(',')) {
    const address = text.replace(/^(?:ipv[46]|tcp[46]?|quic[46]?)@/, '');
    const match = /^(.*):([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(address);
    if (!match || address.startsWith('/') || address.includes('@')) continue;
    const first = Number(match[2]);
    const last = match[3] === undefined ? first : Number(match[3]);
    for (let port = first; port <= Math.min(last, 65_535) && binds.length < MAX_PORTS; port += 1) {
      binds.push({ address: match[1] ?? '', port, line });
    }
  }
  return binds;
}
