import type { Finding } from '../../src/doctor/check.ts';
import { replaceUnseen } from './content-fixes.ts';
import { quote, rejection, type Scene } from './scene.ts';
import { restartController } from './workload-fixes.ts';

/** A current error about the certificate directory that the files themselves don't explain. */
export function rejectedFindings(scene: Scene): readonly Finding[] {
  const error = rejection(scene);
  const { loaded, pod, placeholder } = scene;
  if (!error) return [];
  const common = {
    evidence: [{ from: error.from, excerpt: error.text.slice(0, 300) }],
    ...(error.at === undefined ? {} : { since: error.at }),
  };
  const [unseen] = loaded.unseen;
  if (unseen) {
    return [
      {
        ...common,
        message: 'rejected',
        data: { error: quote(error.text), path: unseen.path },
        culprit: pod.workload,
        fix: replaceUnseen(scene, unseen.path, error.from),
      },
    ];
  }
  const files = placeholder.expected.flatMap(({ file }) => (file.state === 'known' ? [file.value] : []));
  const why = files.some(({ subPath }) => subPath)
    ? ', and a subPath mount shows the old content until the pod is made anew'
    : '';
  return [
    {
      ...common,
      message: 'still-rejected',
      data: { error: quote(error.text), why },
      culprit: pod.workload,
      fix: restartController(pod),
    },
  ];
}
