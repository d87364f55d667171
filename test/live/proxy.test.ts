import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/sources/live/proxy.ts';

describe('the proxy of the environment', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['https://api.example:6443', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    ['https://api.example:6443', { https_proxy: 'proxy:3128' }, 'http://proxy:3128'],
    ['https://api.example:6443', { HTTP_PROXY: 'http://proxy:3128' }, undefined],
    ['http://api.example', { HTTP_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: 'http://proxy:3128' }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: 'http://proxy:3128' }, undefined],
    ['https://api.example', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*' }, undefined],
    ['https://api.example', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'other, .example' }, undefined],
    ['https://notexample', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'example' }, 'http://proxy'],
    ['https://api.example:6443', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'api.example:443' }, 'http://proxy'],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '10.0.0.0/8' }, 'http://proxy'],
    ['https://[2001:db8::7]', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '2001:db8::/32' }, undefined],
    ['https://[2001:db9::7]', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '2001:db8::/32' }, 'http://proxy'],
    ['https://[2001:db8::7]', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '2001:db8::7' }, undefined],
    ['https://[2001:db8::7]:6443', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '[2001:db8::7]:6443' }, undefined],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '10.0.0.0/33,10.0.0.0/' }, 'http://proxy'],
    ['https://api.example', { HTTPS_PROXY: 'http://proxy', https_proxy: 'http://other' }, 'http://proxy'],
    ['https://example', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '.example' }, 'http://proxy'],
    ['https://api.example', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*.example' }, undefined],
  ])('%s with %o is %s', (url, env, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });
});
