type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a URL, lower case first as with curl and Go; undefined:
 * none. Loopback is never asked through a proxy.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const proxy = env[name] || env[name.toUpperCase()];
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const excluded = (env.no_proxy || env.NO_PROXY || '').split(',').map((entry) => entry.trim().toLowerCase());
  if (excluded.some((entry) => excludes(entry, host, url.port || (url.protocol === 'https:' ? '443' : '80'))))
    return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [, name = entry, onlyPort] = /^(.*):(\d+)$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (name.includes('/')) return inNetwork(name, host);
  const bare = name.replace(/^\*?\./, '');
  return host === bare || host.endsWith(`.${bare}`);
}

/** IPv4 networks only: `10.0.0.0/8`. */
function inNetwork(network: string, host: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const address = ipv4(host);
  const start = ipv4(base);
  const length = Number(bits);
  if (address === undefined || start === undefined || !(length >= 0 && length <= 32)) return false;
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(start / size);
}

function ipv4(text: string): number | undefined {
  if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  return text.split('.').reduce((total, part) => total * 256 + Number(part), 0);
}
