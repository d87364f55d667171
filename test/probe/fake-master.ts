import { createServer, type Socket } from 'node:net';

/** What a connection gets in the place of a further answer: its end, or nothing until the client leaves. */
export const GONE = Symbol('gone');

/** Answers to questions as they stand in a line; '\n' to others. */
export type Says = (question: string, connection: number) => string | typeof GONE;

export interface FakeMaster {
  /** The line of each connection, in their order. */
  readonly lines: readonly string[];
  readonly close: () => void;
}

/** Listens as HAProxy's master does: a line of questions a connection, their answers one after the other, and its end. */
export async function startFakeMaster(socket: string, says: Says): Promise<FakeMaster> {
  const lines: string[] = [];
  const answer = (client: Socket, line: string) => {
    lines.push(line);
    for (const question of line.split(';')) {
      const said = says(question, lines.length - 1);
      if (said === GONE) break;
      client.write(said);
      // What comes after an unknown target is lost.
      if (said.startsWith("Can't find the target PID")) break;
    }
    client.end();
  };
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    let line = '';
    client.on('data', (data) => {
      line += String(data);
      if (line.endsWith('\n')) answer(client, line.trimEnd());
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { lines, close: () => server.close() };
}
