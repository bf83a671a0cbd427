/** A distributed Map to be killed, whose results are in files. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../json.ts';
import { resultsInOrder } from '../runtimes/map-runs/results.ts';
import { SMALL_PACKS } from '../runtimes/sqlite/packing.ts';
import { createSqliteStore } from '../runtimes/sqlite/store.ts';
import { openLocalObjects } from '../services/s3/local.ts';
import { keptProblems } from './kept.fixture.ts';
import { type Finished, runNode, type RunParams, type Victim } from './kill.fixture.ts';

const SCRIPT = fileURLToPath(new URL('./map-run.kill.ts', import.meta.url));
const ROOT = 'arn:aws:states:us-east-1:000000000000:execution:rows:run';
const BUCKET = 'files';

export interface MapOfRowsParams {
  readonly rows: number;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** A bug to be found. */
  readonly planted?: 'append-results';
}

export class MapOfRows implements Victim {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'fanfold-rows-'));
  readonly #params: MapOfRowsParams;
  /** Rows whose result was durable when a process died, and how many calls there had been. */
  readonly #finished = new Map<number, number>();

  constructor(params: MapOfRowsParams) {
    this.#params = params;
  }

  run(rest: Omit<RunParams, 'args'> = {}): Promise<Finished> {
    const { rows, type, planted } = this.#params;
    return runNode({ args: [SCRIPT, this.directory, String(rows), type, ...(planted ? [planted] : [])], ...rest });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async look(deeply = true): Promise<string[]> {
    if (!existsSync(join(this.directory, 'engine.db'))) return [];
    const copy = mkdtempSync(join(tmpdir(), 'fanfold-rows-left-'));
    cpSync(this.directory, copy, { recursive: true });
    const store = createSqliteStore({ directory: copy, packs: SMALL_PACKS });
    const problems: string[] = [];
    try {
      const calls = this.#calls().length;
      for (const { arn } of await store.mapRuns(ROOT)) {
        const seen = new Set<number>();
        for await (const results of resultsInOrder(store, arn)) {
          for (const { index } of results) {
            if (seen.has(index)) problems.push(`row ${index} has two results`);
            seen.add(index);
            if (!this.#finished.has(index)) this.#finished.set(index, calls);
          }
        }
      }
      return deeply ? [...problems, ...(await keptProblems(store))] : problems;
    } finally {
      await store.close();
      rmSync(copy, { recursive: true, force: true });
    }
  }

  async judge({ code, stdout, stderr }: Finished, deaths: number): Promise<string[]> {
    if (code !== 0) return [`it ended with ${code}: ${stderr}`];
    const problems = await this.look();
    const { status, output } = JSON.parse(stdout) as { readonly status: string; readonly output?: string };
    if (status !== 'SUCCEEDED' || output === undefined) return [...problems, `the execution is ${status}: ${stdout}`];
    return [...problems, ...(await this.#fileProblems(output)), ...this.#callProblems(deaths)].slice(0, 5);
  }

  /** The manifest names every file of the run, and these hold each row's result once, in the order of the rows. */
  async #fileProblems(output: string): Promise<string[]> {
    const { rows } = this.#params;
    const { objects, close } = openLocalObjects({ directory: this.directory, buckets: [BUCKET] });
    const textOf = async (key: string): Promise<string> => {
      const { body } = await objects.get({ bucket: BUCKET, key });
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    try {
      const { ResultWriterDetails } = JSON.parse(output) as { readonly ResultWriterDetails: { readonly Key: string } };
      const { ResultFiles } = JSON.parse(await textOf(ResultWriterDetails.Key)) as { readonly ResultFiles: JsonObject };
      const named = Object.values(ResultFiles).flatMap(keysIn);
      const texts = await Promise.all(keysIn(ResultFiles['SUCCEEDED']).map(textOf));
      const found = texts.join('').trimEnd();
      const wanted = Array.from({ length: rows }, (_, n) => JSON.stringify({ n: 2 * n })).join('\n');
      const { objects: there } = await objects.list({ bucket: BUCKET, prefix: 'out/' });
      const others = there
        .map(({ key }) => key)
        .filter((key) => !key.endsWith('manifest.json') && !named.includes(key));
      return [
        ...(found === wanted ? [] : [`the results are ${found.slice(0, 2000)}`]),
        ...others.map((key) => `${key} is left behind`),
      ];
    } finally {
      await close();
    }
  }

  #callProblems(deaths: number): string[] {
    const problems: string[] = [];
    const times = new Map<number, number>();
    for (const [i, n] of this.#calls().entries()) {
      if (i >= (this.#finished.get(n) ?? Infinity))
        problems.push(`row ${n} is worked on again after its result was durable`);
      times.set(n, (times.get(n) ?? 0) + 1);
    }
    if (times.size !== this.#params.rows) problems.push(`${times.size} rows were worked on`);
    const most = Math.max(...times.values());
    if (most > deaths + 1) problems.push(`a row was worked on ${most} times, with ${deaths} deaths`);
    return problems;
  }

  /** A line that was cut off tells of a call that had not begun. */
  #calls(): number[] {
    const path = join(this.directory, 'calls.log');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number);
  }
}

function keysIn(files: unknown): string[] {
  return Array.isArray(files) ? files.flatMap((file) => (isObject(file) ? [String(file['Key'])] : [])) : [];
}
