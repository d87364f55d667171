import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './bundle.ts';
import { nameOf, platforms } from './platforms.ts';

/** CycloneDX 1.6: the packages whose code is inside the executables, and the runtimes. */
export async function sbom(version: string, packages: readonly string[]): Promise<string> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const inside = await Promise.all(
    packages.map(async (folder) => {
      const {
        name,
        version: packaged,
        license,
      } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      return component(folder, name, packaged, license, lock.packages[folder]?.integrity);
    }),
  );
  const runtimes = platforms.map(({ runtime, ...platform }) => ({
    ...component(
      `runtime-${runtime.package}`,
      runtime.package,
      runtime.version,
      'MIT',
      runtime.integrity ?? lock.packages[`node_modules/${runtime.package}`]?.integrity,
    ),
    description: `Node.js inside the executable for ${nameOf({ runtime, ...platform })}`,
  }));
  const subject = {
    type: 'application',
    'bom-ref': 'program',
    name: own.name,
    version,
    licenses: [{ license: { id: own.license } }],
  };
  const components = [...inside, ...runtimes];
  const digest = createHash('sha256')
    .update(JSON.stringify([subject, components]))
    .digest('hex');
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: { component: subject },
    components,
    dependencies: [{ ref: 'program', dependsOn: components.map((one) => one['bom-ref']) }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function component(ref: string, name: string, version: string, license: unknown, integrity: unknown) {
  const sha512 = typeof integrity === 'string' ? /^sha512-(.+)$/.exec(integrity)?.[1] : undefined;
  return {
    type: 'library',
    'bom-ref': ref,
    name,
    version,
    purl: `pkg:npm/${name.replace(/^@/, '%40')}@${version}`,
    ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
    ...(sha512 === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
  };
}

/** A version 8 UUID: the same document has the same number. */
function uuidOf(digest: string): string {
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
