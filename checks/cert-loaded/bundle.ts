import type { Finding, Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { HaproxyMemory } from '../../src/evidence/facts/haproxy-memory.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import { avoidReload, reloadFix, SPIRE_ISSUES } from './fixes.ts';
import { withBundle } from './lasting.ts';
import { nameOfSvid } from './reloader.ts';
import { durationText, newestFileAge, type Scene } from './scene.ts';
import { standardReloader } from './standard-reloader.ts';

/** Memory against disk as sets of fingerprints: order and duplicates mean nothing to HAProxy. */
export function staleBundle(scene: Scene, memory: HaproxyMemory, files: SvidFiles): Finding | undefined {
  const { bundle } = files;
  if (memory.bundle.state !== 'known' || bundle.state !== 'known' || bundle.value.certificates.length === 0)
    return undefined;
  const { missing, extra } = bundleDifference(memory, files);
  const limit = bufferOf(scene);
  const size = bundle.value.stat.size;
  const pushes = scene.reloaders.state === 'known' && scene.reloaders.value.some(({ pushesCa }) => pushesCa);
  const common = {
    culprit: scene.pod.ref,
    evidence: [{ from: memory.bundle.from }, { from: bundle.from }],
    ...avoidReload(scene),
  };
  if (pushes && size > limit) {
    const fix = reloadFix(
      scene,
      'omit_expired = true in helper.conf (spiffe-helper 0.11), fewer federated trust domains, or a larger tune.bufsize',
    );
    const differs = missing + extra > 0;
    const severity = differs ? ('fail' as const) : ('warn' as const);
    const phase = differs ? ('active' as const) : ('latent' as const);
    // Nothing to reload while memory is right: the limit only bites at the next change of the bundle.
    const lasting = scene.at.fromFiles ? [] : reloadingInstead(scene);
    const cure: Fix = {
      ...(differs
        ? fix
        : { summary: 'Make the bundle smaller or the buffer larger.', impact: 'none', ...durableOf(fix) }),
      ...(lasting.length > 0 && (!differs || fix.commands)
        ? {
            summary: differs
              ? `${fix.summary} Then let the reloader reload HAProxy when the bundle changes, which has no limit of size.`
              : 'Let the reloader reload HAProxy when the bundle changes, which has no limit of size.',
            commands: [...(fix.commands ?? []), ...lasting],
            impact: 'rollout',
            preconditions: [...(fix.preconditions ?? []), SPIRE_ISSUES, 'the reloader only pushes certificates'],
          }
        : differs
          ? {}
          : { manual: 'it depends on where the bundle comes from' }),
    };
    return {
      message: 'bundle-too-big',
      data: {
        file: files.paths.bundle,
        size,
        limit,
        consequence: differs ? ', and memory has missed its last change' : '',
      },
      severity,
      phase,
      ...common,
      fix: cure,
    };
  }
  if (missing + extra === 0) return undefined;
  const data = {
    difference: differenceText(missing, extra),
    missing,
    extra,
    file: files.paths.bundle,
    age: durationText(newestFileAge(files) ?? 0),
  };
  return {
    message: 'stale-ca',
    data,
    severity: missing > 0 ? 'fail' : 'warn',
    ...common,
    ...withBundle(scene, ({ pushesCa }) => !pushesCa),
  };
}

function reloadingInstead(scene: Scene): readonly KubectlCommand[] {
  const pushing = scene.reloaders.state === 'known' ? scene.reloaders.value.find((view) => view.pushesCa) : undefined;
  return pushing ? standardReloader(scene, nameOfSvid(scene), pushing.container) : [];
}

function differenceText(missing: number, extra: number): string {
  const parts = [
    ...(missing > 0 ? [`lacks ${missing} certificate${missing > 1 ? 's' : ''} of the trust bundle`] : []),
    ...(extra > 0 ? [`still trusts ${extra} that the bundle no longer holds`] : []),
  ];
  return `HAProxy's memory ${parts.join(' and ')}`;
}

function durableOf({ durable }: { readonly durable?: string }): { readonly durable?: string } {
  return durable === undefined ? {} : { durable };
}

/** HAProxy's default is 16 KiB. */
function bufferOf({ renderedConfig }: Scene): number {
  return (renderedConfig.state === 'known' ? renderedConfig.value.global.bufferSize : undefined) ?? 16_384;
}

export function bundlesDiffer(memory: HaproxyMemory, files: SvidFiles): boolean {
  const { missing, extra } = bundleDifference(memory, files);
  return missing + extra > 0;
}

function bundleDifference(
  { bundle: loaded }: HaproxyMemory,
  { bundle: file }: SvidFiles,
): { readonly missing: number; readonly extra: number } {
  if (loaded.state !== 'known' || file.state !== 'known') return { missing: 0, extra: 0 };
  const inMemory = new Set(loaded.value.certificates.map(({ sha1 }) => sha1));
  const onDisk = new Set(file.value.certificates.map(({ sha1 }) => sha1));
  const lacking = (these: ReadonlySet<string>, those: ReadonlySet<string>) =>
    [...these].filter((sha1) => !those.has(sha1)).length;
  return { missing: lacking(onDisk, inMemory), extra: lacking(inMemory, onDisk) };
}
