import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Order, Report } from './small-process.ts';

// A process of its own that only starts others. Connections come in threes, in the order of the orders to start
// something: standard input, output and error.

/** Milliseconds. */
const PATIENCE = 500;

type Start = Extract<Order, { what: 'start' }>;

const [path = ''] = process.argv.slice(2);
const orders: Start[] = [];
const connections: Socket[] = [];
const children = new Map<number, ChildProcess>();

// In this process's own mount namespace: gone with it.
const memory = join(dirname(path), 'fast');
execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', memory]);

const server = createServer({ pauseOnConnect: true }, (socket) => {
  connections.push(socket);
  startNext();
});
server.listen({ path, backlog: 1024 }, () => tell({ what: 'listening' }));
process.on('message', (order: Order) => {
  if (order.what === 'start') {
    orders.push(order);
    startNext();
  } else signal(order.id, order.name, order.whom);
});
// Nothing outlives the process for which it was started: sandboxes end with their standard input, and with them what
// runs in them; others are killed. This process ends after the last of them.
process.once('disconnect', () => {
  const kill = () => {
    for (const id of children.keys()) signal(id, 'SIGKILL', 'group');
  };
  setTimeout(kill, PATIENCE).unref();
  server.close();
});
process.once('exit', () => {
  execFileSync('umount', ['--lazy', memory]);
  rmSync(dirname(path), { recursive: true, force: true });
});

function startNext(): void {
  while (connections.length >= 3) {
    const order = orders.shift();
    if (order === undefined) return;
    start(order, connections.splice(0, 3));
  }
}

function start({ id, command, env, leaves }: Start, stdio: readonly Socket[]): void {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: [...stdio], detached: true, env: { ...env } });
  // The child has its own now.
  for (const socket of stdio) socket.destroy();
  children.set(id, child);
  const over = (report: Report) => {
    children.delete(id);
    if (leaves !== undefined) rmSync(leaves, { recursive: true, force: true });
    tell(report);
  };
  child.once('error', ({ message }) => over({ what: 'failed', id, message }));
  child.once('exit', (code, name) =>
    over({ what: 'ended', id, code: code ?? 128 + (name === null ? 0 : constants.signals[name]) }),
  );
}

/** `children`: those that it started itself. */
function signal(id: number, name: NodeJS.Signals, whom: 'group' | 'children'): void {
  const { pid } = children.get(id) ?? {};
  if (pid === undefined) return;
  const targets = whom === 'group' ? [-pid] : childrenOf(pid);
  for (const target of targets) {
    try {
      process.kill(target, name);
    } catch {
      // It has just ended.
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}
