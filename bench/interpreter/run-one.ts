/** One run of one case by one contender, in a process of its own: node run-one.ts CONTENDER CASE. Prints one line of JSON. */
import { createHash } from 'node:crypto';
import { CASES, type CaseName } from './cases.ts';
import type { Contender, Measured } from './contender.ts';

const [contenderName, caseName] = process.argv.slice(2);
const chosen = CASES[caseName as CaseName];
const { contender } = (await import(`./${contenderName}.ts`)) as { contender: Contender };

const run = await contender.prepare(chosen);
const cpu = process.cpuUsage();
const began = performance.now();
const finished = await run();
const wallSeconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;

const output = finished.output();
if (!chosen.isRight(output)) throw new Error(`${contenderName} gave a wrong output for ${caseName}`);
const events = await finished.events();
if (events !== null && events !== chosen.events)
  throw new Error(`${contenderName} kept ${events} of ${chosen.events} events of ${caseName}`);
const measured: Measured = {
  wallSeconds,
  cpuSeconds: (user + system) / 1e6,
  peakRssBytes,
  events,
  output: createHash('sha256').update(JSON.stringify(output)).digest('hex'),
};
console.log(JSON.stringify(measured));
