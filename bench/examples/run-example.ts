/** Runs an example as its user does, and measures it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Measured {
  readonly status: string;
  /** Of the execution, from its start to its end. */
  readonly seconds: number;
  /** Of the whole command: data is made and loaded, the engine starts and ends. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  readonly transitions: number;
  readonly jobs?: number;
  readonly jobSeconds?: number;
  readonly output: string;
}

export const EXAMPLES: string = join(import.meta.dirname, '..', '..', 'examples');

/** @throws Error when it does not succeed, or not all records are accounted for */
export async function runExample(script: string, args: readonly string[], expected: number): Promise<Measured> {
  const command = [process.execPath, script, '--json', ...args];
  // The shell's own `time`: CPU of the process and of all that it has waited for.
  const child = spawn('bash', ['-c', 'TIMEFORMAT="time %R %U %S"; time "$@"', 'bash', ...command]);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [, wall, user, system] = /^time (\S+) (\S+) (\S+)$/m.exec(stderr) ?? [];
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`${command.join(' ')} has told nothing:\n${stderr}`);
  const report = JSON.parse(line) as Measured;
  const { status, read, written, rejected, output } = report;
  if (status !== 'SUCCEEDED' || read !== expected || written + rejected !== read)
    throw new Error(`${command.join(' ')} came to ${line}`);
  const lines = await linesIn(output);
  if (lines !== written && lines !== written + 1) throw new Error(`${output} has ${lines} lines, not ${written}.`);
  return { ...report, wallSeconds: Number(wall), cpuSeconds: Number(user) + Number(system) };
}

async function linesIn(file: string): Promise<number> {
  let lines = 0;
  for await (const part of createReadStream(file)) for (const byte of part as Uint8Array) if (byte === 10) lines++;
  return lines;
}
