/**
 * A process beside the engine, until its input ends: `write ENDPOINT RATE` upserts items on the wire, as many a second, and `burn
 * SHARE` takes so much of a processor, a millisecond at a time. Then it tells what it has done, as JSON. With `--behind` others go
 * before it where they want its processor: as far as that can be had on one machine, it is on another.
 */
import { constants, setPriority } from 'node:os';
import { openClient, upsert } from './upserts.ts';

export interface NeighbourReport {
  /** Items written. */
  readonly items: number;
  /** Seconds of CPU since it began. */
  readonly cpu: number;
  /** Seconds since it began. */
  readonly seconds: number;
}

const SLICE_MS = 1;

let done = false;
process.stdin.on('end', () => (done = true)).resume();
console.log('ready');

async function write(endpoint: string, rate: number): Promise<number> {
  const { call, close } = openClient(endpoint);
  const items = await upsert({ call, items: Infinity, stop: () => done, ...(rate > 0 && { rate }) });
  close();
  return items;
}

async function burn(share: number): Promise<number> {
  while (!done) {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until);
    const { user, system } = process.cpuUsage(before);
    // As much as it is behind, and a turn of its own loop in any case.
    const ahead = (user + system) / 1000 / share - (performance.now() - began);
    await new Promise((resolve) => (ahead > 1 ? setTimeout(resolve, ahead) : setImmediate(resolve)));
  }
  return 0;
}

const [kind, ...args] = process.argv.slice(2);
if (args.includes('--behind')) setPriority(constants.priority.PRIORITY_LOW);
const before = process.cpuUsage();
const began = performance.now();
const items = kind === 'write' ? await write(String(args[0]), Number(args[1])) : await burn(Number(args[0]));
const { user, system } = process.cpuUsage(before);
const report: NeighbourReport = { items, cpu: (user + system) / 1e6, seconds: (performance.now() - began) / 1000 };
console.log(JSON.stringify(report));
