import type { Finding } from '../../src/doctor/check.ts';
import type { Certificate } from '../../src/evidence/certificate.ts';
import type { PlaceholderFile } from '../../src/evidence/facts/controller.ts';
import { replaceLeakedKey } from './content-fixes.ts';
import type { Scene } from './scene.ts';
import { unmountFromHaproxy } from './workload-fixes.ts';

/** Keys that belong to certificates which SPIRE issued; a dummy may be called what it likes. */
export function leakedKeys(scene: Scene): readonly Finding[] {
  const { placeholder, pod } = scene;
  const files = placeholder.expected.flatMap(({ file }) => (file.state === 'known' ? [file.value] : []));
  const issued = files.flatMap(({ certificates }) => certificates).filter(isIssuedBySpire);
  return files.flatMap((file): Finding[] => {
    const certificate = issued.find(({ spkiSha256 }) => holdsKeyOf(file, spkiSha256));
    if (!certificate) return [];
    const identity = certificate.uris[0] ?? certificate.issuer;
    return [
      {
        message: 'real-key-material',
        data: { key: file.key, configMap: file.configMap.name, identity, namespace: pod.ref.namespace ?? 'default' },
        culprit: file.configMap,
        evidence: [{ from: file.origin, excerpt: `private key of ${identity}` }],
        fix: replaceLeakedKey(scene, file),
      },
    ];
  });
}

function isIssuedBySpire({ uris, issuer, selfSigned }: Certificate): boolean {
  return uris.some((uri) => uri.startsWith('spiffe://')) || (!selfSigned && /\bO=(?:SPIRE|SPIFFE)\b/.test(issuer));
}

function holdsKeyOf({ blocks }: PlaceholderFile, spkiSha256: string): boolean {
  return blocks.some((block) => block.class === 'key' && block.spkiSha256 === spkiSha256);
}

export function shadowFindings({ placeholder }: Scene): readonly Finding[] {
  return placeholder.shadows.map((shadow) => ({
    message: 'in-haproxy-pod',
    data: {
      configMap: shadow.configMap.name,
      mounted: shadow.path,
      container: shadow.container,
      workload: `${shadow.workload.kind} ${shadow.workload.name}`,
    },
    culprit: shadow.workload,
    evidence: [{ from: shadow.origin, excerpt: `mountPath: ${shadow.path}` }],
    fix: unmountFromHaproxy(shadow),
  }));
}
