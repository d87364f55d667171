import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { presence } from '../../probe/requirements.ts';
import { outcome } from './command.ts';
import { sandboxRequirements } from './requirements.ts';
import { spawner } from './small-process.ts';

const missing = sandboxRequirements();

describe.skipIf(missing !== undefined)(`a small process${presence(missing === undefined ? [] : [missing])}`, () => {
  test('is given its own input and environment, and nobody else’s output', async () => {
    const { start } = await spawner();
    const names = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    const said = await Promise.all(
      names.map((name) => {
        const command = start(['/bin/sh', '-c', 'cat; echo " $NAME"; echo "$NAME" >&2'], { env: { NAME: name } });
        command.stdin.end('for');
        return outcome(command);
      }),
    );
    expect(said).toEqual(names.map((name) => ({ code: 0, stdout: `for ${name}\n`, stderr: `${name}\n` })));
  });

  test('that cannot be started is said to be so, and does not hold up others', async () => {
    const { start } = await spawner();
    const absent = start(['/nonexistent/program']);
    const other = start(['/bin/sh', '-c', 'exit 7']);
    await expect(absent.ended).rejects.toThrow('ENOENT');
    expect(await other.ended).toBe(7);
  });

  test('ends although nobody reads what it says', async () => {
    const { start } = await spawner();
    expect(await start(['/bin/sh', '-c', 'head -c 1000 /dev/zero; exit 3']).ended).toBe(3);
  });

  test('leaves nothing of the directory that it was to clean up', async () => {
    const { start, memory } = await spawner();
    writeFileSync(join(memory.here, 'left'), 'text');
    const command = start(['/bin/cat', join(memory.there, 'left')], { leaves: join(memory.there, 'left') });
    expect(await text(command.stdout)).toBe('text');
    expect(await command.ended).toBe(0);
    expect(existsSync(join(memory.here, 'left'))).toBe(false);
  });
});
