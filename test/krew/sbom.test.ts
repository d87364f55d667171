import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../krew/bundle.ts';
import { nameOf, platforms } from '../../krew/platforms.ts';
import { sbom } from '../../krew/sbom.ts';

const FOLDERS = ['node_modules/@kubernetes/client-node', 'node_modules/ws'];
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const document = JSON.parse(await sbom('1.2.3', FOLDERS));
const components: readonly Record<string, string>[] = document.components;

describe('the bill of materials', () => {
  it('is CycloneDX about this version', () => {
    expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(document.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(document.metadata.component).toMatchObject({ name: 'kubectl-haptic_spire', version: '1.2.3' });
  });

  it.each(FOLDERS)('has %s as the lock file has it', (folder) => {
    const { version, integrity, license } = lock.packages[folder];
    const name = folder.replace('node_modules/', '');
    const content = Buffer.from(String(integrity).replace('sha512-', ''), 'base64').toString('hex');
    expect(components.find((one) => one.name === name)).toMatchObject({
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [{ expression: license }],
      hashes: [{ alg: 'SHA-512', content }],
    });
  });

  it('has the Node of every platform, with its checksum', () => {
    for (const platform of platforms) {
      const found = components.find((one) => one.description?.endsWith(` for ${nameOf(platform)}`));
      expect(found).toMatchObject({
        name: platform.runtime.package,
        version: platform.runtime.version,
        hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      });
    }
    expect(components).toHaveLength(FOLDERS.length + platforms.length);
  });

  it('names each component once, and as something that the program depends on', () => {
    const references = components.map((one) => one['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
    expect(document.dependencies).toEqual([{ ref: 'program', dependsOn: references }]);
  });

  it('is the same when it is made again, and has another number when something in it is another', async () => {
    expect(JSON.parse(await sbom('1.2.3', FOLDERS))).toEqual(document);
    expect(JSON.parse(await sbom('1.2.4', FOLDERS)).serialNumber).not.toBe(document.serialNumber);
  });
});
