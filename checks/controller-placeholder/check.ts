import {
  cannotTell,
  defineCheck,
  type Finding,
  type Judgement,
  type Unseen,
  unseenOf,
} from '../../src/doctor/check.ts';
import type { PlaceholderMount } from '../../src/evidence/facts/controller.ts';
import { unknown, valueOr } from '../../src/evidence/reading.ts';
import { loadAsHaproxy } from './as-haproxy.ts';
import { filesFindings } from './files.ts';
import { messages } from './messages.ts';
import { rejection, type Scene } from './scene.ts';
import { leakedKeys, shadowFindings } from './security.ts';
import { rejectedFindings } from './validation.ts';

export default defineCheck({
  id: 'controller-placeholder',
  title: 'The controller has placeholder certificates that its HAProxy accepts',
  stage: 'controller',
  guide: 'Controller rejects config with cert path errors',
  after: [],
  messages,
  subject: 'controller-pod',
  needs: ['pod', 'placeholder'],
  wants: ['snippet', 'annotatedIngresses', 'validation', 'installation'],
  applies: ({ placeholder, snippet, annotatedIngresses }) => {
    if (placeholder.state === 'absent')
      return { why: 'nothing-uses-it', detail: 'no container of the pod runs the HAPTIC controller' };
    const isMounted =
      placeholder.value.expected.some(({ file }) => file.state === 'known') || placeholder.value.shadows.length > 0;
    const isWanted =
      snippet.state !== 'absent' || annotatedIngresses.state !== 'known' || annotatedIngresses.value.length > 0;
    return isMounted || isWanted
      ? undefined
      : {
          why: 'nothing-uses-it',
          detail: 'no snippet puts certificate paths into the configuration, and no Ingress asks for it',
        };
  },
  judge: ({ pod, placeholder, snippet, annotatedIngresses, validation, installation }, at): Judgement => {
    if (pod.state !== 'known' || placeholder.state !== 'known') return [];
    const container = pod.value.containers.find(({ name }) => name === placeholder.value.container);
    if (!container) return [];
    const scene: Scene = {
      pod: pod.value,
      container,
      placeholder: placeholder.value,
      loaded: loadAsHaproxy(placeholder.value),
      snippet: snippet.state === 'known' ? snippet.value.name : 'of the guide',
      annotated: annotatedIngresses.state === 'known' ? annotatedIngresses.value.length : undefined,
      validation: valueOr(validation, undefined),
      // From 0.2 on the controller's values have a section of their own.
      values: installation.state === 'known' && installation.value.generation === '0.2+' ? 'controller.' : '',
      fromFiles: at.fromFiles,
    };
    const findings: Finding[] = [...leakedKeys(scene), ...shadowFindings(scene)];
    // What no snippet names, HAProxy never opens.
    if (snippet.state !== 'absent') {
      const aboutFiles = filesFindings(scene);
      findings.push(...aboutFiles);
      // What is wrong with the files is what the controller rejects.
      if (aboutFiles.length === 0) findings.push(...rejectedFindings(scene));
    }
    if (snippet.state === 'unknown')
      return cannotTell(
        snippet,
        findings.filter(({ message }) => message !== 'not-mounted'),
      );
    const valid = scene.validation?.state === 'valid' && (scene.annotated ?? 0) > 0 && rejection(scene) === undefined;
    const wanted = snippet.state === 'absent' ? [] : scene.loaded.unseen;
    const [first] = valid ? [] : wanted;
    return {
      findings,
      basis: valid ? 'observed' : 'declared',
      ...(first ? { cannotTell: first.reading } : {}),
      unseen: at.fromFiles
        ? []
        : [
            // What was validated is proven, as far as it was not changed since.
            ...(valid ? wanted.flatMap(({ path, reading }) => unseenOf(path, reading)) : []),
            ...(findings.length > 0 ? scene.placeholder.mounts.flatMap(contentUnseen) : []),
            ...unseenOf(
              'what the controller says about its last validation',
              validation.state === 'absent' ? unknown('no-evidence', '') : validation,
            ),
            ...(scene.validation?.unseen ?? []).flatMap(({ what, because }) => unseenOf(what, because)),
          ],
    };
  },
});

/** Files that are missed in one place may be in another. */
function contentUnseen({ configMap, files }: PlaceholderMount): readonly Unseen[] {
  return unseenOf(`ConfigMap ${configMap.name}`, files);
}
