import type { Evidence, Finding } from '../../src/doctor/check.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { RenderedBackend, RenderedConfig, ServerTls } from '../../src/evidence/facts/rendered-config.ts';
import { isSameFile } from '../../src/evidence/haproxy/loaded-name.ts';
import { backendsOf } from '../../src/evidence/haproxy-cfg/backend-names.ts';
import { type ObjectRef, type Unknown, unknown } from '../../src/evidence/reading.ts';
import { annotationValue, snippetMissing, tlsMissing, weakTls } from './fail-open-fixes.ts';
import type { Scene } from './scene.ts';

/** Values with which people switch the annotation off. */
const SWITCHED_OFF = ['', 'false', 'no', 'off', '0'];

export interface Line {
  readonly tls: ServerTls;
  readonly line: number;
}

/** Ingresses that ask for mTLS and whose backends HAProxy reaches without it: nothing breaks, so nobody notices. */
export function failOpen(scene: Scene): readonly Finding[] {
  const { annotatedIngresses: ingresses, renderedConfig } = scene;
  const config = renderedConfig.state === 'known' ? renderedConfig.value : undefined;
  const asked = ingresses.state === 'known' ? ingresses.value.filter(asksForMtls) : [];
  const findings = asked.flatMap((ingress) => {
    const found = config ? ofRendered(scene, ingress, config) : ofDeclared(scene, ingress);
    return found ? [found] : [];
  });
  return config ? [...findings, ...besides(scene, config, asked)] : findings;
}

/** Why it cannot be said that nothing fails open; undefined when that was seen, or nobody asks for mTLS. */
export function failOpenUnseen({ annotatedIngresses: ingresses, renderedConfig }: Scene): Unknown | undefined {
  if (ingresses.state === 'unknown') return ingresses;
  if (renderedConfig.state === 'known' || ingresses.state === 'absent' || !ingresses.value.some(asksForMtls))
    return undefined;
  return renderedConfig.state === 'unknown'
    ? renderedConfig
    : unknown(
        'no-evidence',
        'the haproxy.cfg of this pod was not seen, so neither were the server lines of its backends',
      );
}

function asksForMtls({ value }: AnnotatedIngress): boolean {
  return !SWITCHED_OFF.includes(value.trim().toLowerCase());
}

/** Without a rendered configuration only what can never become `ssl` is certain. */
function ofDeclared(scene: Scene, ingress: AnnotatedIngress): Finding | undefined {
  const from: Evidence = { from: ingress.origin, excerpt: ingress.value };
  if (scene.snippet.state === 'absent') return snippetMissing(scene, ingress, [from]);
  return scene.snippet.state === 'known' && ingress.value !== 'true'
    ? annotationValue(scene, ingress, [from])
    : undefined;
}

function ofRendered(scene: Scene, ingress: AnnotatedIngress, config: RenderedConfig): Finding | undefined {
  const services = ingress.services.map(({ name }) => name);
  const own = backendsOf(config.backends, ingress.ref).filter(
    (backend) =>
      services.length === 0 || services.some((service) => backendsOf([backend], ingress.ref, service).length > 0),
  );
  for (const backend of own) {
    const lines = linesOf(backend);
    const plain = lines.find(({ tls }) => !tls.ssl);
    if (plain) {
      const evidence = [
        { from: ingress.origin, excerpt: ingress.value },
        at(config, plain.line, `backend ${backend.name}: no ssl`),
      ];
      if (ingress.value !== 'true') return annotationValue(scene, ingress, evidence);
      return scene.snippet.state === 'absent'
        ? snippetMissing(scene, ingress, evidence)
        : tlsMissing(scene, ingress, backend, evidence);
    }
    const weak = lines.find(({ tls }) => weaknessOf(tls) !== undefined);
    const message = weak && weaknessOf(weak.tls);
    if (weak && message) {
      return weakTls({
        scene,
        message,
        backend: backend.name,
        culprit: ingress.ref,
        conflicts: ingress.conflicts,
        evidence: [at(config, weak.line, excerptOf(weak.tls))],
      });
    }
  }
  return undefined;
}

/** Other server lines with SPIRE's files: whoever wrote them wanted both sides verified. */
function besides(scene: Scene, config: RenderedConfig, asked: readonly AnnotatedIngress[]): readonly Finding[] {
  const judged = new Set(asked.flatMap(({ ref }) => backendsOf(config.backends, ref)));
  const culprit: ObjectRef =
    (scene.installation.state === 'known' ? scene.installation.value.templateConfig : undefined) ??
    config.origin.object ??
    scene.pod.ref;
  const pushesCa = scene.reloaders.state === 'known' && scene.reloaders.value.some((view) => view.pushesCa);
  for (const backend of config.backends.filter((candidate) => !judged.has(candidate))) {
    const spiffe = linesOf(backend).filter(
      ({ tls }) => tls.ssl && (isFile(tls.crt, scene.svid) || isFile(tls.caFile, scene.bundle)),
    );
    const off = spiffe.find(({ tls }) => tls.verify === 'none');
    const bare = pushesCa
      ? spiffe.find(({ tls }) => tls.crt === undefined && isFile(tls.caFile, scene.bundle))
      : undefined;
    const line = off ?? bare;
    if (!line) continue;
    const evidence = [at(config, line.line, excerptOf(line.tls))];
    return [
      weakTls({
        scene,
        message: off ? 'verification-off' : 'ca-without-certificate',
        backend: backend.name,
        culprit,
        conflicts: [],
        evidence,
      }),
    ];
  }
  return [];
}

function isFile(name: string | undefined, path: string): boolean {
  return name !== undefined && isSameFile(name, path);
}

/** A backend without servers is what its default-server lines will make of the next one. */
function linesOf({ servers, defaults, defaultLine, line }: RenderedBackend): readonly Line[] {
  if (servers.length > 0) return servers;
  return defaultLine === undefined ? [] : [{ tls: defaults, line: defaultLine || line }];
}

function weaknessOf({
  verify,
  caFile,
  crt,
}: ServerTls): 'verification-off' | 'no-ca-file' | 'no-client-certificate' | undefined {
  if (verify === 'none') return 'verification-off';
  if (caFile === undefined) return 'no-ca-file';
  return crt === undefined ? 'no-client-certificate' : undefined;
}

function excerptOf({ verify, caFile, crt }: ServerTls): string {
  return [
    'ssl',
    ...(verify ? [`verify ${verify}`] : []),
    ...(caFile ? [`ca-file ${caFile}`] : []),
    ...(crt ? [`crt ${crt}`] : []),
  ].join(' ');
}

function at(config: RenderedConfig, line: number, excerpt: string): Evidence {
  return { from: { ...config.origin, line }, excerpt };
}
