import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { say } from './fake-host.ts';

const README = new URL('../../README.md', import.meta.url);

it('the transcript in the README is what the program prints (vitest -u renews it)', async () => {
  const { stdout } = await say(['doctor', '--demo', 'wrong-socket']);
  const transcript = /(\n\$ kubectl haptic-spire doctor --demo wrong-socket\n)[^`]*(```\n)/;
  const text = readFileSync(README, 'utf8');
  expect(text).toMatch(transcript);
  const renewed = text.replace(transcript, (_, before: string, after: string) => `${before}${stdout}${after}`);
  await expect(renewed).toMatchFileSnapshot('../../README.md');
});
