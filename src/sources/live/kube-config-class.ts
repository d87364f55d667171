import module from 'node:module';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** What KubeConfig imports for making typed clients and fetch dispatchers, which nothing here does. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  './gen/index.js': 'data:text/javascript,export const createConfiguration=undefined,ServerConfiguration=undefined',
  undici: 'data:text/javascript,export const Agent=undefined,ProxyAgent=undefined',
};

/**
 * The class KubeConfig alone. Its module pulls in some 800 generated models: 0.6 s and 50 MB that a person on call would
 * wait for. They are left out while it loads; where that is not possible it loads whole.
 */
export async function loadKubeConfigClass(): Promise<typeof KubeConfig> {
  const hooks = module.registerHooks?.({
    resolve: (specifier, context, next) => {
      const stub = context.parentURL?.endsWith('/@kubernetes/client-node/dist/config.js')
        ? NOT_NEEDED[specifier]
        : undefined;
      return stub === undefined ? next(specifier, context) : { url: stub, format: 'module', shortCircuit: true };
    },
  });
  try {
    return (await import('@kubernetes/client-node/dist/config.js')).KubeConfig;
  } finally {
    hooks?.deregister();
  }
}
