import { BlockList, isIP } from 'node:net';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a URL, capital letters first as with Go and so kubectl;
 * undefined: none. Loopback is never asked through a proxy.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const either = (name: string) => env[name.toUpperCase()] || env[name];
  const proxy = either(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const excluded = (either('no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (excluded.some((entry) => excludes(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  // More than one colon without brackets is an IPv6 address.
  const [, inside, outside, onlyPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const name = inside ?? outside ?? entry;
  // A dot in front, also after a star, means what is below the name and not itself.
  const below = name.replace(/^\*(?=\.)/, '');
  return below.startsWith('.') ? host.endsWith(below) : host === name || host.endsWith(`.${name}`);
}

/** `10.0.0.0/8`, `2001:db8::/32`. */
function inNetwork(network: string, host: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const [version, length] = [isIP(base), Number(bits)];
  if (version === 0 || isIP(host) !== version || !/^\d+$/.test(bits) || length > (version === 4 ? 32 : 128))
    return false;
  const [family, list] = [version === 4 ? 'ipv4' : 'ipv6', new BlockList()] as const;
  list.addSubnet(base, length, family);
  return list.check(host, family);
}
