import type { EditableObject } from '../../scenario/field-edit.ts';
import { StatusError, statusBody } from './status.ts';

/**
 * Which way a command's words take to the client. Version 5 ends in the API server, which puts its own words around
 * the kubelet's; version 4 is passed through to the kubelet.
 */
export type ExecProtocol = 'v5.channel.k8s.io' | 'v4.channel.k8s.io';

const RUNC = 'OCI runtime exec failed: exec failed: unable to start container process';

/** How a command ended, as the last message of an exec. */
export function exitStatus(code: number, protocol: ExecProtocol, command: readonly string[]): EditableObject {
  if (code === 0) return { metadata: {}, status: 'Success' };
  const why =
    protocol === 'v5.channel.k8s.io'
      ? `command terminated with exit code ${code}`
      : `error executing command [${command.join(' ')}], exit code ${code}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${why}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/**
 * The command was not started; `refused` is the words of whoever would not. A runtime's come with the kubelet's around
 * them; a container that is not there, and a node that does not answer, are told by the API server.
 */
export function refusedStatus(refused: string, protocol: ExecProtocol): EditableObject {
  if (refused.startsWith('container not found')) return notUpgradedStatus(refused);
  if (refused.startsWith('error dialing backend')) return internalStatus(`Internal error occurred: ${refused}`);
  const runtime = refused.startsWith('OCI runtime') ? refused : `${RUNC}: ${refused}: unknown`;
  const kubelet = `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: ${runtime}`;
  return internalStatus(protocol === 'v5.channel.k8s.io' ? `Internal error occurred: ${kubelet}` : kubelet);
}

/** The API server had no success with the kubelet. */
export function notUpgradedStatus(kubelet: string): EditableObject {
  return internalStatus(`Internal error occurred: unable to upgrade connection: ${kubelet}`);
}

function internalStatus(message: string): EditableObject {
  return statusBody(new StatusError(500, 'InternalError', message));
}
