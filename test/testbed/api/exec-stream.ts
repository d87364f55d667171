import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { EditableObject } from '../../scenario/field-edit.ts';
import type { RunningCommand } from '../seams.ts';
import type { Interruption } from './interruption.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
/** Version 5: the channel in the second byte has ended. */
const CLOSE = 255;

/** The biggest message that a client is sent. */
const FRAME = 32 * 1024;

/** Which of a command's streams the client asked for. */
export interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Everything comes on stdout. */
  readonly tty: boolean;
}

/**
 * Carries a command's streams over a WebSocket until the command has ended, and sends how it ended. Neither side is
 * asked for more than the other takes. The command is killed when the client leaves.
 */
export async function carry(
  client: WebSocket,
  command: RunningCommand,
  wanted: Wanted,
  statusOf: (exit: number) => EditableObject,
  interruption: Interruption | undefined,
): Promise<void> {
  client.once('close', command.kill);
  takeInput(client, command, wanted);
  let left = interruption?.afterBytes ?? Number.POSITIVE_INFINITY;
  const send = async (channel: number, data: Buffer): Promise<void> => {
    const part = channel === STDOUT ? data.subarray(0, left) : data;
    if (channel === STDOUT) left -= part.length;
    if (part.length > 0) await message(client, channel, part);
    if (left > 0 || interruption === undefined) return;
    if (interruption.how === 'cut') client.terminate();
    command.kill();
  };
  const [, , exit] = await Promise.all([
    pump(command.stdout, wanted.stdout, (data) => send(STDOUT, data)),
    pump(command.stderr, wanted.stderr || wanted.tty, (data) => send(wanted.tty ? STDOUT : STDERR, data)),
    command.ended,
  ]);
  await sayHowItEnded(client, statusOf(exit));
}

/** The last message of an exec. */
export async function sayHowItEnded(client: WebSocket, status: EditableObject): Promise<void> {
  await message(client, STATUS, Buffer.from(JSON.stringify(status)));
  client.close(1000);
}

/** What a client waits for to know that the connection stands: an empty message on the first channel that it reads. */
export function greet(client: WebSocket, { stdout, stderr }: Wanted): Promise<void> {
  return message(client, stdout ? STDOUT : stderr ? STDERR : STATUS, Buffer.alloc(0));
}

function takeInput(client: WebSocket, { stdin }: RunningCommand, wanted: Wanted): void {
  // A command may end without reading what it is given.
  stdin.on('error', () => undefined);
  if (!wanted.stdin) stdin.end();
  client.on('message', (data: Buffer) => {
    const [channel, ended] = data;
    if (channel === CLOSE && ended === STDIN) stdin.end();
    if (channel !== STDIN || !wanted.stdin || stdin.writableEnded || stdin.destroyed) return;
    if (stdin.write(data.subarray(1))) return;
    client.pause();
    const resume = () => client.resume();
    stdin.once('drain', resume).once('close', resume);
  });
}

async function pump(from: Readable, wanted: boolean, send: (data: Buffer) => Promise<void>): Promise<void> {
  if (!wanted) {
    from.resume();
    return;
  }
  for await (const chunk of from) {
    const data = Buffer.from(chunk);
    for (let at = 0; at < data.length; at += FRAME) await send(data.subarray(at, at + FRAME));
  }
}

/** Resolves when the message has left; also when nobody is there any more, so that the command's output runs dry. */
function message(client: WebSocket, channel: number, data: Buffer): Promise<void> {
  return new Promise((resolve) => {
    client.send(Buffer.concat([Buffer.of(channel), data]), () => resolve());
  });
}
