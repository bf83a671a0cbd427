/** A Map of tasks to be killed: what a process leaves is looked at in a copy, and the next one goes on from the original. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { keptProblems } from './kept.fixture.ts';
import { type Finished, runNode, type RunParams, type Victim } from './kill.fixture.ts';

const FAN_OUT = fileURLToPath(new URL('./fan-out.kill.ts', import.meta.url));
const ROOT = 'arn:aws:states:us-east-1:000000000000:execution:fan-out:run';

export interface FanOutParams {
  readonly tasks: number;
  readonly durability?: 'normal' | 'full';
  /** A bug to be found. */
  readonly planted?: 'append-twice';
}

interface Call {
  readonly n: number;
  readonly attempt: number;
  readonly frame: string;
  readonly execution: string;
  readonly key: string;
}

/** One Map of tasks in a directory of its own, through as many deaths as it takes. */
export class FanOut implements Victim {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'fanfold-kill-'));
  readonly #params: FanOutParams;
  /** Tasks whose outcome was durable when a process died, and how many calls there had been. */
  readonly #finished = new Map<string, number>();

  constructor(params: FanOutParams) {
    this.#params = params;
  }

  run(rest: Omit<RunParams, 'args'> = {}): Promise<Finished> {
    const { tasks, durability = 'normal', planted } = this.#params;
    const args = [FAN_OUT, this.directory, String(tasks), durability, ...(planted ? [planted] : [])];
    return runNode({ args, ...rest });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async look(deeply = true): Promise<string[]> {
    if (!existsSync(join(this.directory, 'engine.db'))) return [];
    const copy = mkdtempSync(join(tmpdir(), 'fanfold-killed-'));
    cpSync(this.directory, copy, { recursive: true });
    const store = createSqliteStore({ directory: copy });
    try {
      const calls = this.#calls().length;
      const outputs = (await store.load(ROOT))?.outputs ?? [];
      for (const { fork, index } of outputs) {
        const name = `${fork}.${index}`;
        if (!this.#finished.has(name)) this.#finished.set(name, calls);
      }
      return deeply ? await keptProblems(store) : [];
    } finally {
      await store.close();
      rmSync(copy, { recursive: true, force: true });
    }
  }

  async judge({ code, stdout, stderr }: Finished, deaths: number): Promise<string[]> {
    const { tasks } = this.#params;
    if (code !== 0) return [`it ended with ${code}: ${stderr}`];
    const { status, output } = JSON.parse(stdout) as { readonly status: string; readonly output: string };
    const found = (JSON.parse(output) as readonly { n: number }[]).map(({ n }) => n);
    const problems = await this.look();
    if (status !== 'SUCCEEDED') problems.push(`the execution is ${status}`);
    if (found.length !== tasks || found.some((n, i) => n !== 2 * i)) problems.push(`the output is ${output}`);
    return [...problems, ...this.#callProblems(deaths)].slice(0, 5);
  }

  #callProblems(deaths: number): string[] {
    const calls = this.#calls();
    const problems: string[] = [];
    const keys = new Map<string, string>();
    const times = new Map<number, number>();
    for (const [i, { n, attempt, frame, execution, key }] of calls.entries()) {
      const name = `${execution} ${frame} ${attempt}`;
      if (execution === ROOT && i >= (this.#finished.get(frame) ?? Infinity))
        problems.push(`task ${n} is called again after its outcome was durable`);
      if ((keys.get(name) ?? key) !== key) problems.push(`task ${n} is called by two keys`);
      keys.set(name, key);
      times.set(n, (times.get(n) ?? 0) + 1);
    }
    if (times.size !== this.#params.tasks) problems.push(`${times.size} tasks were called`);
    const most = Math.max(...times.values());
    if (most > deaths + 1) problems.push(`a task was called ${most} times, with ${deaths} deaths`);
    return problems;
  }

  /** A line that was cut off tells of a call that had not begun. */
  #calls(): Call[] {
    const path = join(this.directory, 'calls.log');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Call] : []));
  }
}
