import type { Fix } from '../../src/doctor/check.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { changeTemplate, containerPatch, setImage } from '../../src/evidence/workload-change.ts';
import type { Refusal } from './image-state.ts';
import { PROVEN_RELEASE } from './retag.ts';
import { isUpstream } from './tag.ts';

/** The project's own image, which anybody may pull. */
const PUBLIC = `ghcr.io/spiffe/spiffe-helper:${PROVEN_RELEASE}`;

const ADVICE: Readonly<Record<Refusal, string>> = {
  'pull-denied':
    'Give the pods a pull secret for this registry (imagePullSecrets; haproxy.podSpec.imagePullSecrets in the Helm values of chart 0.2 and later), or use an image that needs none.',
  'registry-unreachable':
    'Let the nodes reach the registry (egress, DNS, proxy, its CA), or use a mirror that they reach.',
  'pull-failed': 'Do what the kubelet asks for in the message, then pull again.',
  'image-not-found': 'Use a tag that the registry has.',
};

/** What stands between the nodes and a registry is theirs; that another registry needs no password can be used. */
export function pullFix(pod: PodView, container: ContainerView, refusal: Refusal, said: string): Fix {
  const { file } = fieldOrigin(pod, container.path);
  const summary = ADVICE[refusal];
  const manual = {
    summary,
    impact: 'none',
    manual: 'it concerns the registry and the nodes, which no change of one object mends',
  } as const;
  if (file !== undefined) return manual;
  if (refusal === 'pull-failed' && /ErrImageNeverPull/.test(said)) {
    const commands = changeTemplate(pod, containerPatch(container, { imagePullPolicy: 'IfNotPresent' }));
    return commands.length === 0
      ? manual
      : {
          summary: `Let the nodes pull the image of ${container.name}: imagePullPolicy: IfNotPresent.`,
          commands,
          durable: 'imagePullPolicy of the container in haproxy.sidecars of the Helm values',
          impact: 'rollout',
        };
  }
  const malformed = /InvalidImageName/.test(said);
  const elsewhere = malformed || (refusal !== 'pull-failed' && !isUpstream(container.image));
  const commands = elsewhere ? setImage(pod, container, PUBLIC) : [];
  if (commands.length === 0) return manual;
  return {
    summary: malformed
      ? `Give ${container.name} the name of an image: registry/path:tag. The project's own is ${PUBLIC}.`
      : `${summary} The project's own image, which anybody may pull, is ${PUBLIC}.`,
    commands,
    durable: `image: ${PUBLIC} of the container in haproxy.sidecars of the Helm values`,
    impact: 'rollout',
    preconditions: ['the nodes reach ghcr.io, and the image of the project is allowed here'],
  };
}
