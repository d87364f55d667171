import type { Fix } from '../../src/doctor/check.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { hasTemplate, setImage } from '../../src/evidence/workload-change.ts';
import { isUpstream } from './tag.ts';

/** A release that understands everything that the guide's helper.conf says. */
export const PROVEN_RELEASE = '0.11.0';

/** The same image with another tag. */
export function retag(pod: PodView, container: ContainerView, tag: string): Fix {
  const { text, repository, basename } = container.image;
  const image = `${repository === '' ? '' : `${repository}/`}${basename}:${tag}`;
  const { file, line } = fieldOrigin(pod, `${container.path}.image`);
  return {
    summary: `Set the image of ${container.name} to ${image}.`,
    ...(file === undefined
      ? { commands: setImage(pod, container, image) }
      : { edit: { file, ...(line === undefined ? {} : { line }), before: text, after: image } }),
    durable: `image: ${image} of the container in haproxy.sidecars of the Helm values`,
    impact: 'rollout',
    ...(isUpstream(container.image) ? {} : { preconditions: [`${repository || 'Docker Hub'} has ${basename}:${tag}`] }),
    ...(hasTemplate(pod) ? {} : { manual: 'the pod is not made from a template: it has to be made anew' }),
  };
}
