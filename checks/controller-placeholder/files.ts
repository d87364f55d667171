import type { Finding, MessageData } from '../../src/doctor/check.ts';
import type { PlaceholderFile } from '../../src/evidence/facts/controller.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import { describeContent, type Trouble } from './as-haproxy.ts';
import { replaceContent } from './content-fixes.ts';
import { missingFinding } from './missing.ts';
import { durableMount, phaseOf, type Scene, saidByController } from './scene.ts';
import { otherHaproxy, readableMode } from './workload-fixes.ts';

/** What is wrong with the files at the expected paths. */
export function filesFindings(scene: Scene): readonly Finding[] {
  const findings: Finding[] = [];
  for (const trouble of scene.loaded.troubles) {
    const finding = trouble.kind === 'missing' ? missingFinding(scene, trouble) : contentFinding(scene, trouble);
    // One mount that is missing takes all three files away.
    const isNew = !findings.some(({ message, data }) => message === finding.message && data.key === finding.data.key);
    if (isNew) findings.push(finding);
  }
  findings.push(...modeFindings(scene));
  const blind = scene.placeholder.haproxyVersion === '3.1' && scene.placeholder.daemon !== false;
  if (findings.length > 0 && blind && scene.validation?.state !== 'invalid') findings.push(blindFinding(scene));
  return findings;
}

function contentFinding(scene: Scene, trouble: Exclude<Trouble, { kind: 'missing' }>): Finding {
  const { file, path, says } = trouble;
  const version = scene.placeholder.haproxyVersion;
  const hangs = trouble.kind === 'no-private-key' && version === '3.3' && path.endsWith('.key');
  const certificate = scene.placeholder.expected.find(({ role }) => role === 'certificate');
  const data = { key: file.key, configMap: file.configMap.name, path, says, found: describeContent(file) };
  const about: MessageData =
    trouble.kind === 'key-mismatch'
      ? { certificate: certificate?.path ?? '' }
      : hangs
        ? { version: version ?? '' }
        : {};
  return {
    message: hangs ? 'endless-validation' : trouble.kind,
    data: { ...data, ...about },
    culprit: file.configMap,
    evidence: [{ from: file.origin, excerpt: describeContent(file) }, ...saidByController(scene)],
    ...phaseOf(scene),
    fix: replaceContent(scene, file, trouble.kind === 'no-certificate' ? 'certificate' : 'key', hangs),
  };
}

/** Files of a ConfigMap belong to root; the kubelet gives them to fsGroup where there is one. */
function modeFindings(scene: Scene): readonly Finding[] {
  const { container, pod, placeholder } = scene;
  const uid = container.runAsUser;
  if (uid === null || uid === 0 || pod.fsGroup !== null) return [];
  const unreadable = placeholder.expected.find(
    ({ file }) => file.state === 'known' && !isReadable(file.value, container.runAsGroup),
  );
  if (unreadable?.file.state !== 'known') return [];
  const { configMap, mode } = unreadable.file.value;
  const mount = placeholder.mounts.find((candidate) => candidate.configMap.name === configMap.name);
  const field = mount?.field ?? container.path;
  const octal = `0${mode.toString(8).padStart(3, '0')}`;
  return [
    {
      message: 'unreadable-mode',
      data: { configMap: configMap.name, mode: octal, uid, container: container.name, path: unreadable.path },
      culprit: pod.workload,
      evidence: [{ from: fieldOrigin(pod, field), excerpt: `mode ${octal}, no fsGroup` }],
      ...phaseOf(scene),
      fix: readableMode(
        { pod, container, directory: '', durable: durableMount(scene) },
        mount?.volume ?? '',
        configMap,
      ),
    },
  ];
}

function isReadable({ mode }: PlaceholderFile, group: number | null): boolean {
  return (mode & 0o004) !== 0 || (group === 0 && (mode & 0o040) !== 0);
}

function blindFinding(scene: Scene): Finding {
  const { pod, container, placeholder } = scene;
  return {
    message: 'validation-blind',
    data: { version: placeholder.haproxyVersion ?? '' },
    culprit: pod.workload,
    evidence: [{ from: fieldOrigin(pod, `${container.path}.image`), excerpt: container.image.text }],
    ...phaseOf(scene),
    fix: otherHaproxy(pod, container),
  };
}
