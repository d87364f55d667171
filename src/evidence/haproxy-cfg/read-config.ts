import type { RenderedBackend, RenderedConfig, RenderedServer } from '../facts/rendered-config.ts';
import { bindsOf } from './bind.ts';
import type { ConfigLine } from './config-lines.ts';
import { applyKeywords, NO_SETTINGS, type ServerBases, type ServerSettings } from './server-tls.ts';
import { wordsOf } from './words.ts';

/** What a haproxy.cfg says, without where it came from. */
export type ParsedConfig = Pick<RenderedConfig, 'global' | 'backends' | 'binds'>;

/** First words that begin a section. */
const SECTIONS = new Set(
  (
    'global defaults frontend listen backend userlist peers resolvers mailers cache http-errors ring log-forward log-profile fcgi-app ' +
    'program crt-store traces acme'
  ).split(' '),
);

/** What a proxy section inherits, and hands on when it is a `defaults`. */
interface ProxyDefaults {
  readonly mode?: string;
  readonly httpCheck: boolean;
  readonly server: ServerSettings;
}

const NO_DEFAULTS: ProxyDefaults = { httpCheck: false, server: NO_SETTINGS };

/**
 * Reads haproxy.cfg as far as it decides about TLS to backends. Lines that HAProxy would refuse are passed over: the
 * reader describes what is there and does not validate.
 */
export function readConfig(lines: readonly ConfigLine[]): ParsedConfig {
  const reader = new ConfigReader();
  for (const { line, text } of lines) {
    const words = wordsOf(text);
    if (words.length > 0) reader.take(words, line);
  }
  return reader.finish();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type OpenSection =
  | { readonly kind: 'global' | 'frontend' | 'other' }
  | { readonly kind: 'defaults'; readonly name?: string; proxy: ProxyDefaults }
  | { readonly kind: 'backend'; readonly listens: boolean; readonly backend: OpenBackend; proxy: ProxyDefaults };

interface OpenBackend {
  readonly name: string;
  readonly line: number;
  readonly servers: RenderedServer[];
  defaultLine?: number;
}

class ConfigReader {
  readonly #global: Mutable<RenderedConfig['global']> = { daemon: false };
  readonly #bases: Mutable<ServerBases> = {};
  readonly #backends: RenderedBackend[] = [];
  readonly #binds: RenderedConfig['binds'][number][] = [];
  readonly #named = new Map<string, ProxyDefaults>();
  #defaults: ProxyDefaults = NO_DEFAULTS;
  #section: OpenSection = { kind: 'other' };

  take(words: readonly string[], line: number): void {
    const first = words[0] ?? '';
    if (SECTIONS.has(first)) {
      this.#close();
      this.#section = this.#open(first, words, line);
      return;
    }
    const section = this.#section;
    if (section.kind === 'global') this.#takeGlobal(first, words);
    else if (first === 'bind') {
      if (section.kind === 'frontend' || (section.kind === 'backend' && section.listens)) {
        this.#binds.push(...bindsOf(words[1] ?? '', line));
      }
    } else if (section.kind === 'defaults' || section.kind === 'backend') this.#takeProxy(section, words, line);
  }

  finish(): ParsedConfig {
    this.#close();
    return { global: this.#global, backends: this.#backends, binds: this.#binds };
  }

  #open(kind: string, words: readonly string[], line: number): OpenSection {
    const name = words[1];
    const inherited = this.#inherited(words);
    if (kind === 'global') return { kind: 'global' };
    if (kind === 'frontend') {
      // An address on the section's own line is the form of HAProxy 1.x; nothing supported accepts it.
      return { kind: 'frontend' };
    }
    if (kind === 'defaults') {
      const proxy = words.includes('from') ? inherited : NO_DEFAULTS;
      return name === undefined || name === 'from' ? { kind: 'defaults', proxy } : { kind: 'defaults', name, proxy };
    }
    if (kind !== 'backend' && kind !== 'listen') return { kind: 'other' };
    const backend = { name: name ?? '', line, servers: [] };
    return { kind: 'backend', listens: kind === 'listen', backend, proxy: inherited };
  }

  #inherited(words: readonly string[]): ProxyDefaults {
    const from = words.indexOf('from');
    const name = from > 0 ? words[from + 1] : undefined;
    return (name === undefined ? undefined : this.#named.get(name)) ?? this.#defaults;
  }

  #takeGlobal(first: string, words: readonly string[]): void {
    const value = words[1];
    if (first === 'daemon') this.#global.daemon = true;
    if (value === undefined) return;
    if (first === 'crt-base') this.#bases.crtBase = this.#global.crtBase = value;
    else if (first === 'ca-base') this.#bases.caBase = this.#global.caBase = value;
    else if (first === 'ssl-load-extra-files') this.#global.loadExtraFiles = words.slice(1).join(' ');
    else if (first === 'ssl-server-verify' && (value === 'none' || value === 'required'))
      this.#bases.serverVerify = value;
    else if (first === 'tune.bufsize' && /^[0-9]{1,12}$/.test(value)) this.#global.bufferSize = Number(value);
  }

  #takeProxy(section: OpenSection & { kind: 'defaults' | 'backend' }, words: readonly string[], line: number): void {
    const [first, second, third] = words;
    if (first === 'mode' && second !== undefined) section.proxy = { ...section.proxy, mode: second };
    else if (first === 'option' && second === 'httpchk') section.proxy = { ...section.proxy, httpCheck: true };
    else if (first === 'no' && second === 'option' && third === 'httpchk')
      section.proxy = { ...section.proxy, httpCheck: false };
    else if (first === 'default-server') {
      section.proxy = { ...section.proxy, server: applyKeywords(section.proxy.server, words, 1, this.#bases) };
      if (section.kind === 'backend') section.backend.defaultLine = line;
    } else if (section.kind === 'backend' && (first === 'server' || first === 'server-template')) {
      const keywordsFrom = first === 'server' ? 3 : 4;
      const { tls, disabled } = applyKeywords(section.proxy.server, words, keywordsFrom, this.#bases);
      section.backend.servers.push({ name: second ?? '', address: words[keywordsFrom - 1] ?? '', line, disabled, tls });
    }
  }

  #close(): void {
    const section = this.#section;
    if (section.kind === 'defaults') {
      this.#defaults = section.proxy;
      if (section.name !== undefined) this.#named.set(section.name, section.proxy);
    } else if (section.kind === 'backend') {
      const { mode, httpCheck, server } = section.proxy;
      this.#backends.push({
        ...section.backend,
        httpCheck,
        defaults: server.tls,
        ...(mode === undefined ? {} : { mode }),
      });
    }
    this.#section = { kind: 'other' };
  }
}
