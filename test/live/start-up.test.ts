import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('connecting does not load the client library’s generated models, nor a WebSocket before a pod is looked into', () => {
  const script = `
    import module from 'node:module';
    const loaded = [];
    module.registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { connect } = await import('./src/sources/live/connection.ts');
    const connection = await connect({ server: 'https://192.0.2.1', token: 'x' }, { env: {}, onProgress: () => undefined });
    connection.close();
    const count = (part) => loaded.filter((url) => url.includes(part)).length;
    console.log(JSON.stringify([count('client-node/dist/config.js'), count('client-node/dist/gen/models/'), count('/undici/'), count('node_modules/ws/')]));
  `;
  const output = execFileSync('node', ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual([1, 0, 0, 0]);
});
