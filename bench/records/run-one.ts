/** One step of one contender, in a process of its own. Of `run`, prints what it has cost. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Contender, Cost, Place } from './contender.ts';

const [file = '', step = '', place = ''] = process.argv.slice(2);
const contender = (await import(pathToFileURL(join(import.meta.dirname, file)).href)) as Contender;
const told = await contender[step as keyof Contender]?.(JSON.parse(place) as Place);
if (step === 'run') {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const own: Cost = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    wallSeconds: performance.now() / 1000,
    peakMb: maxRSS / 1024,
  };
  process.stdout.write(`\n${JSON.stringify(told ?? own)}\n`);
}
process.exit(0);
