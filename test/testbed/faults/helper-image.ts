import type { Platform } from '../platform.ts';
import type { Fault } from './fault.ts';
import { helperField, upgradeHelper, WORKLOAD } from './helper-changes.ts';

/** A registry's answer to pulls of images that match; everything else is as it was. */
function refuse(platform: Platform, images: RegExp, words: (image: string) => string): void {
  const { pull } = platform;
  platform.pull = (image) => (images.test(image) ? { answer: 'refused', message: words(image) } : pull(image));
}

const expected = (message: string) => ({ check: 'helper-image-tag', message, culprit: WORKLOAD }) as const;

/** Whether spiffe-helper's image can be pulled and its program started. */
export const HELPER_IMAGE_FAULTS: readonly Fault[] = [
  {
    name: 'image-tag-with-v',
    ids: ['F1'],
    about: "The tag of spiffe-helper's image begins with a v, as the git tag does.",
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:v0.11.0')],
    expect: expected('v-prefix'),
    cure: { by: 'commands' },
  },
  {
    name: 'upgrade-to-image-tag-with-v',
    ids: ['F1'],
    about: 'An upgrade brings a tag with a leading v: the roll-out stops at its first pod.',
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:0.10.1')],
    happens: (testbed) => upgradeHelper(testbed, 'image', 'ghcr.io/spiffe/spiffe-helper:v0.11.0'),
    expect: expected('v-prefix'),
    cure: { by: 'commands' },
  },
  {
    name: 'image-tag-nightly',
    ids: ['F2'],
    about: "spiffe-helper's image is the nightly build, whose rules change from night to night.",
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:nightly')],
    expect: expected('floating-tag'),
    cure: { by: 'commands' },
  },
  {
    name: 'image-tag-latest',
    ids: ['F2'],
    about: 'The registry has no tag latest: releases are pushed by their numbers alone.',
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:latest')],
    platform: (platform) =>
      refuse(
        platform,
        /spiffe-helper:latest$/,
        (image) => `failed to resolve reference "${image}": ${image}: not found`,
      ),
    expect: expected('image-not-found'),
    cure: { by: 'commands' },
  },
  {
    name: 'helper-release-0-9',
    ids: ['F3', 'E4'],
    about: 'spiffe-helper 0.9 does not know the block health_checks and exits.',
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:0.9.1')],
    expect: expected('too-old'),
    cure: { by: 'commands' },
  },
  {
    name: 'helper-release-0-8',
    ids: ['F3', 'E6'],
    about: 'spiffe-helper 0.8 ignores the block health_checks, and the kubelet finds nobody to ask.',
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper:0.8.0')],
    expect: expected('too-old'),
    cure: { by: 'commands' },
  },
  {
    name: 'image-pull-denied',
    ids: ['F4'],
    about: 'The image comes from a private mirror, and the pods have no pull secret for it.',
    change: [helperField('image', 'registry.example.net/spiffe/spiffe-helper:0.11.0')],
    platform: (platform) =>
      refuse(
        platform,
        /^registry\.example\.net\/spiffe\//,
        (image) =>
          `failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.example.net/token?scope=repository%3Aspiffe%2Fspiffe-helper%3Apull: 401 Unauthorized`,
      ),
    expect: expected('pull-denied'),
    cure: { by: 'commands' },
  },
  {
    name: 'image-registry-name-wrong',
    ids: ['F4'],
    about: "The mirror's name is not known to the nodes' DNS.",
    change: [helperField('image', 'mirror.exmaple.net/spiffe/spiffe-helper:0.11.0')],
    platform: (platform) =>
      refuse(
        platform,
        /^mirror\.exmaple\.net\//,
        (image) =>
          `failed to resolve reference "${image}": failed to do request: Head "https://mirror.exmaple.net/v2/spiffe/spiffe-helper/manifests/0.11.0": dial tcp: lookup mirror.exmaple.net on 10.96.0.10:53: no such host`,
      ),
    expect: expected('registry-unreachable'),
    cure: { by: 'commands' },
  },
  {
    name: 'image-name-malformed',
    ids: ['F4'],
    about: 'Two values are put together with a colon too many, and no image has such a name.',
    change: [helperField('image', 'ghcr.io/spiffe/spiffe-helper::0.11.0')],
    expect: expected('pull-failed'),
    cure: { by: 'commands' },
  },
  {
    name: 'helper-command-elsewhere',
    ids: ['F6'],
    about: 'The command names a path at which the image has no program.',
    change: [helperField('command', ['/opt/spiffe-helper'])],
    expect: expected('wrong-command'),
    cure: { by: 'commands' },
  },
  {
    name: 'helper-shell-wrapper',
    ids: ['F7'],
    about: 'The container starts through a shell that the image does not have.',
    change: [
      helperField('command', ['/bin/sh', '-c']),
      helperField('args', ['exec /spiffe-helper -config /etc/spiffe-helper/helper.conf']),
    ],
    expect: expected('shell-wrapper'),
    cure: { by: 'commands' },
  },
];
