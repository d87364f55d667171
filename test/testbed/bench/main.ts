import process from 'node:process';
import { parseArgs } from 'node:util';
import { compare } from './by-hand.ts';
import { doctorProgram } from './doctor-program.ts';
import { BEFORE_FAN_OUT, CONCURRENCY, EXEC, type Measured, measure } from './scale.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '1,10,100,1000' },
    latency: { type: 'string', default: '20,100' },
  },
});
const numbers = (text: string) => text.split(',').map(Number);

const say = (line: string) => process.stdout.write(`${line}\n`);

say(
  `floor = latency × (${BEFORE_FAN_OUT} round trips before the fan-out + ⌈pods / ${CONCURRENCY}⌉ × ${EXEC} round trips of one exec)`,
);
say(
  'While pods are being asked, the connections to the next ones are opened: of their three round trips two then take no time of their own, and a run with many pods can take less than its floor.',
);
say('');
say('| pods | latency | wall time | floor | ratio | requests | peak memory |');
say('|---|---|---|---|---|---|---|');
for (const latency of numbers(values.latency)) {
  for (const pods of numbers(values.pods)) say(row(await measure(pods, latency)));
}

say('');
say(
  `| a ${3}-pod installation, ${doctorProgram().what} | latency | doctor | the guide’s commands with kubectl | times |`,
);
say('|---|---|---|---|---|');
for (const latency of numbers(values.latency)) {
  const { doctorMs, byHandMs, commands } = await compare(latency);
  say(
    `| | ${latency} ms | ${seconds(doctorMs)} | ${seconds(byHandMs)} (${commands} commands) | ${(byHandMs / doctorMs).toFixed(1)} |`,
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function row({ pods, latencyMs, wallMs, floorMs, requests, peakMb }: Measured): string {
  return `| ${pods} | ${latencyMs} ms | ${seconds(wallMs)} | ${seconds(floorMs)} | ${(wallMs / floorMs).toFixed(2)} | ${requests} | ${peakMb.toFixed(0)} MB |`;
}
