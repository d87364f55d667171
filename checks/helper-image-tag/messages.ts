import type { Message } from '../../src/doctor/check.ts';

export const messages = {
  'v-prefix': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {container} asks for {image}. ghcr.io/spiffe publishes spiffe-helper without a leading v: there is no tag {tag}, there is {published}.{said}',
  },
  'floating-tag': {
    role: 'cause',
    severity: 'warn',
    text: 'Container {container} asks for {image}, whose tag does not name one release (tag: {tag}): which keys helper.conf may have depends on what is pulled. ghcr.io/spiffe publishes X.Y.Z tags.',
  },
  'image-not-found': {
    role: 'cause',
    severity: 'fail',
    text: 'The registry has no {image} for container {container}: {said}',
  },
  'pull-denied': {
    role: 'cause',
    severity: 'fail',
    text: 'The registry refuses to hand out {image} for container {container}: {said}',
  },
  'registry-unreachable': {
    role: 'cause',
    severity: 'fail',
    text: 'The node cannot reach the registry of {image} for container {container}: {said}',
  },
  'pull-failed': {
    role: 'cause',
    severity: 'fail',
    text: '{image} for container {container} is not on the node: {said}',
  },
  'too-old': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {container} runs spiffe-helper {version}; {keys} in helper.conf is understood from 0.10.0 on. {consequence}',
  },
  'wrong-command': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {container} starts {command}; the only program in the image {image} is /spiffe-helper.{said}',
  },
  'shell-wrapper': {
    role: 'cause',
    severity: 'fail',
    text: 'Container {container} starts through {command}; the image {image} has no shell, only /spiffe-helper.{said}',
  },
} as const satisfies Record<string, Message>;
