/**
 * Map runs as they stand durably, and what was promised on the strength of it: held against I2, I3 and I9 with every write,
 * every call of an EXPRESS child's task and every file that a ResultWriter has written.
 */
import type { Execution } from '../../interpreter/execution.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { MapRun, MapRunResult } from '../../ports/map-runs.ts';
import type { Store } from '../../ports/store.ts';
import { readable } from '../../testing/stored-value.fixture.ts';
import { childName } from '../child-names.ts';
import { childArn } from '../map-runs/child.ts';
import { NO_TALLY, counted, ended } from '../map-runs/tally.ts';
import { demand, demandSame } from './broken.fixture.ts';
import type { WrittenFiles } from './files.fixture.ts';

export interface MapRunWrite {
  readonly kind: 'mapRun';
  readonly run: MapRun;
  readonly results: readonly MapRunResult[];
  /** Given where a ResultWriter is to write files. */
  readonly scope: string | undefined;
}

interface DurableRun {
  run: MapRun;
  hasFiles: boolean;
  /** Results that were written together. */
  readonly rows: (readonly MapRunResult[])[];
  /** Of each child the last one. */
  readonly results: Map<number, MapRunResult>;
}

export class MapRunLedger {
  readonly files: WrittenFiles = new Map();
  readonly #runs = new Map<string, DurableRun>();
  /** By the UUID at the end of its ARN. */
  readonly #byId = new Map<string, DurableRun>();
  /** Of children that have one, by their ARNs. */
  readonly #ends = new Map<string, MapRunResult>();
  readonly #window: number;

  /** @param window the most children at once where a run does not say */
  constructor(window: number) {
    this.#window = window;
  }

  written({ run, results, scope }: Omit<MapRunWrite, 'kind'>): void {
    const { arn } = run;
    const durable: DurableRun = this.#runs.get(arn) ?? { run, hasFiles: false, rows: [], results: new Map() };
    const isRedriven = run.redriveCount > durable.run.redriveCount;
    const isOver = durable.run.status !== 'RUNNING' && !isRedriven;
    demand(!isOver || run.status === durable.run.status, `I9: the map run ${arn} goes on after its end`);
    for (const result of results) {
      const before = durable.results.get(result.index);
      const again = before && (before.status === 'SUCCEEDED' || before.redriveCount === result.redriveCount);
      demand(!again, `I3: child ${result.index} of ${arn} counts twice`);
      durable.results.set(result.index, result);
      this.#ends.set(childArn(run, childName(arn, result.index)), result);
    }
    if (results.length > 0) durable.rows.push(results);
    durable.run = run;
    durable.hasFiles ||= scope !== undefined;
    this.#runs.set(arn, durable);
    this.#byId.set(idOf(arn), durable);
    checkTally(durable);
  }

  /**
   * The end of a child may be forgotten when its result is there, or nobody waits for it: its run was given up, or redriven
   * since, and looks for itself how the child had ended.
   */
  mayForget(origin: Extract<Execution['origin'], { kind: 'mapRun' }>): boolean {
    const durable = this.#runs.get(origin.mapRunArn);
    if (durable?.run.status !== 'RUNNING' || origin.redriveCount < durable.run.redriveCount) return true;
    const result = durable.results.get(origin.index);
    return result !== undefined && (result.status === 'SUCCEEDED' || result.redriveCount >= origin.redriveCount);
  }

  /** A STANDARD child was begun, or an EXPRESS child calls a task. @param others children of its run that run */
  began(child: string, mapRunArn: string | undefined, others: number): void {
    const durable = mapRunArn === undefined ? this.#byId.get(idOf(child)) : this.#runs.get(mapRunArn);
    demand(durable?.run.status === 'RUNNING', `I2: ${child} is begun, and its map run does not run`);
    const { run } = durable;
    const end = this.#ends.get(child);
    const isOver = end && (end.status === 'SUCCEEDED' || end.redriveCount === run.redriveCount);
    demand(!isOver, `I3: ${child} runs again after its result was durable`);
    demand(others < (run.maxConcurrency || this.#window), `${others + 1} children of ${run.arn} run at once`);
  }

  /** How often the run of an EXPRESS child was redriven. */
  redrivesOf(child: string): number {
    return this.#byId.get(idOf(child))?.run.redriveCount ?? 0;
  }

  /** An execution's history says that its map run has ended. @param begun the event that says which */
  told({ type }: HistoryRecord, begun: HistoryRecord | undefined): void {
    const arn = String(begun?.detail?.['mapRunArn']);
    const status = this.#runs.get(arn)?.run.status;
    const expected = type === 'MapRunSucceeded' ? ['SUCCEEDED'] : ['SUCCEEDED', 'FAILED'];
    demand(status !== undefined && expected.includes(status), `I2: the end of ${arn} is told while it is ${status}`);
  }

  get running(): string[] {
    return [...this.#runs.values()].flatMap(({ run }) => (run.status === 'RUNNING' ? [run.arn] : []));
  }

  /** Every result is in the files once, in the order of the items (I6, I9). */
  checkFiles(): void {
    for (const [arn, durable] of this.#runs) {
      const files = this.files.get(arn);
      if (durable.run.status === 'RUNNING' || !durable.hasFiles) continue;
      demand(files !== undefined, `I9: there are no files of ${arn}, which is ${durable.run.status}`);
      const { executions, redriveCount } = durable.run;
      const results = [...durable.results.values()].sort((a, b) => a.index - b.index);
      const outputs = results.flatMap(({ status, output }) => (status === 'SUCCEEDED' ? [output?.text] : []));
      demandSame(`I9: the results of ${arn}`, JSON.stringify(files.SUCCEEDED ?? []), JSON.stringify(outputs));
      const failed = results.filter((result) => result.status !== 'SUCCEEDED' && result.redriveCount === redriveCount);
      const { length: failures } = failed;
      demand((files.FAILED?.length ?? 0) === failures, `I9: ${failures} failures of ${arn} are not all in its files`);
      const left = executions.total - ended(executions);
      demand((files.PENDING?.length ?? 0) === left, `I9: ${left} children of ${arn} are not all in its files`);
    }
  }

  /** What was written, as a text; the names of runs do not show. */
  account(): string {
    return [...this.files]
      .map(([arn, files]) => `${this.#runs.get(arn)?.run.status} ${JSON.stringify(files)}`)
      .sort()
      .join('\n');
  }

  /**
   * Compares with a store that was opened after the end of a process.
   * @param perhaps writes that were under way, of which any beginning may be there: those of one run in order
   */
  async compare(store: Store, perhaps: readonly MapRunWrite[]): Promise<void> {
    for (const arn of new Set([...this.#runs.keys(), ...perhaps.map(({ run }) => run.arn)])) {
      const rows = await store.mapRunResults({ mapRunArn: arn, limit: 100_000 });
      const found = textOf([await store.mapRun(arn), rows.map(({ results }) => results)]);
      const writes = perhaps.filter(({ run }) => run.arn === arn);
      for (const write of [undefined, ...writes]) {
        if (write) this.written(write);
        if (this.#textOf(arn) === found) break;
      }
      demandSame(`I1: ${arn} in the store`, found, this.#textOf(arn));
    }
    const running = (await store.runningMapRuns()).map(({ arn }) => arn);
    demandSame('I9: running map runs', textOf(running.sort()), textOf(this.running.sort()));
  }

  #textOf(arn: string): string {
    const { run, rows = [] } = this.#runs.get(arn) ?? {};
    return textOf([run, rows.toSorted((a, b) => firstOf(a) - firstOf(b))]);
  }
}

/** The counts of a run are those of its results, and all are there when it has succeeded. */
function checkTally({ run, results }: DurableRun): void {
  let tally = { ...NO_TALLY, total: run.executions.total };
  for (const { status, redriveCount } of results.values())
    if (status === 'SUCCEEDED' || redriveCount === run.redriveCount) tally = counted(tally, status, 1);
  demandSame(`I9: the counts of ${run.arn}`, textOf(run.executions), textOf(tally));
  demand(ended(tally) <= tally.total, `I9: ${ended(tally)} children of ${run.arn} have ended, of ${tally.total}`);
  const isWhole = run.status !== 'SUCCEEDED' || ended(tally) === tally.total;
  demand(isWhole, `I9: ${run.arn} has succeeded without ${tally.total - ended(tally)} of its children`);
}

function firstOf(results: readonly MapRunResult[]): number {
  return Math.min(...results.map(({ index }) => index));
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function textOf(data: unknown): string {
  return JSON.stringify(readable(data)) ?? '';
}
