import type { EventView } from '../../src/evidence/facts/events.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';

/** How far the kubelet got with the image of a container. */
export type ImageState =
  /** The container runs or has run, or was being made: the image is on the node. */
  | { readonly is: 'pulled' }
  /** The kubelet reports that it cannot get the image; `said` quotes it. */
  | { readonly is: 'refused'; readonly reason: string; readonly said: string }
  /** Nothing runs yet and nothing is wrong yet. */
  | { readonly is: 'awaited'; readonly reason: string }
  /** Only a spec was seen. */
  | { readonly is: 'declared' };

const REFUSED = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
];
/** The kubelet pulls before it makes a container's configuration, so these prove the image. */
const AFTER_PULL = [
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
];

export function imageStateOf(pod: PodView, container: ContainerView, events: readonly EventView[]): ImageState {
  if (pod.from === 'template') return { is: 'declared' };
  const state = container.status?.state;
  if (!state || state.now === 'unreported') return { is: 'awaited', reason: 'the kubelet has not reported on it yet' };
  if (state.now === 'running' || state.now === 'terminated') return { is: 'pulled' };
  if (REFUSED.includes(state.reason))
    return { is: 'refused', reason: state.reason, said: reasonGiven(pod, container, state, events) };
  if (AFTER_PULL.includes(state.reason) || container.status?.last) return { is: 'pulled' };
  return { is: 'awaited', reason: state.reason || 'waiting' };
}

/** `Back-off pulling image` alone does not say why; the event of the failed pull does. */
function reasonGiven(
  pod: PodView,
  { image }: ContainerView,
  { reason, message }: { readonly reason: string; readonly message: string },
  events: readonly EventView[],
): string {
  const backOffOnly = message === '' || /^Back-off pulling image "[^"]*"\.?$/.test(message);
  const pull = backOffOnly
    ? events.findLast(
        (event) =>
          event.about.name === pod.ref.name &&
          event.reason === 'Failed' &&
          event.message.includes('Failed to pull image') &&
          event.message.includes(image.text),
      )
    : undefined;
  return `${reason}: ${pull?.message ?? message}`;
}

export type Refusal = 'image-not-found' | 'pull-denied' | 'registry-unreachable' | 'pull-failed';

/** What a kubelet's words about a failed pull mean; texts of containerd, CRI-O and the registries. */
export function classifyRefusal(said: string): Refusal {
  if (/\b40[13]\b|unauthorized|no basic auth|authentication required|access denied|\bdenied\b|forbidden/i.test(said))
    return 'pull-denied';
  if (
    /not found|manifest unknown|name unknown|does not exist|no such image|\b404\b/i.test(said) &&
    !/no such host/i.test(said)
  )
    return 'image-not-found';
  if (
    /time(?:d )?[- ]?out|deadline exceeded|no such host|connection re(?:fused|set)|TLS handshake|x509|unreachable|server misbehaving|\bEOF\b|\b50[0-9]\b|\b429\b/i.test(
      said,
    )
  ) {
    return 'registry-unreachable';
  }
  return 'pull-failed';
}
