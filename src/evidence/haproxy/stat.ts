import type { ServerStat } from '../facts/haproxy-memory.ts';

/** Reads the servers of `show stat` by the names of its columns (there are 129 to 208 of them); undefined without a header. */
export function parseServers(text: string): readonly ServerStat[] | undefined {
  const [header = '', ...rows] = text.split('\n');
  if (!header.startsWith('# pxname,svname,')) return undefined;
  const columns = new Map(
    header
      .slice(2)
      .split(',')
      .map((name, at) => [name, at]),
  );
  const servers: ServerStat[] = [];
  for (const row of rows) {
    if (row === '') continue;
    const cells = cellsOf(row);
    const cell = (name: string) => cells[columns.get(name) ?? -1] ?? '';
    // Type 2 is a server; frontends, backends and listeners have no certificate towards a backend.
    if (cell('type') !== '2') continue;
    servers.push({
      backend: cell('pxname'),
      server: cell('svname'),
      status: cell('status'),
      checkStatus: cell('check_status'),
      lastCheck: cell('last_chk') || cell('check_desc'),
      connectionErrors: count(cell('econ')),
      failedHandshakes: count(cell('ssl_failed_handshake')),
    });
  }
  return servers;
}

function count(cell: string): number {
  const value = Number(cell);
  return Number.isFinite(value) ? value : 0;
}

/** One CSV row: a cell with commas or quotes in it is quoted, quotes inside are doubled. */
function cellsOf(row: string): readonly string[] {
  if (!row.includes('"')) return row.split(',');
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < row.length; at += 1) {
    const character = row.charAt(at);
    if (character === '"' && quoted && row.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (character === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += character;
    }
  }
  cells.push(cell);
  return cells;
}
