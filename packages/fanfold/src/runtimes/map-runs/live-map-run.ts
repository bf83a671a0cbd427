/**
 * A map run at work: its children are begun in the order of the items, at most so many at once, and their results are
 * written many at a time. What was begun and has no written result runs again after a crash: a STANDARD child goes on where
 * it stood, an EXPRESS one from its start (I3). Items are streamed and results are not kept, so memory does not grow (I8).
 *
 * M1 A child's result is durable before the child's end is taken in for good, and before the run's end is told.
 * M2 The result of an index counts once, whoever tells it how often.
 * M3 The same items make the same children: a source that is another than before is refused.
 */
import { type Execution, isClosed, type Origin } from '../../interpreter/execution.ts';
import { notRedrivable } from '../../interpreter/redrive.ts';
import type { Machine, Writer } from '../../interpreter/machine.ts';
import type { Json } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemSources } from '../../ports/item-sources.ts';
import type { MapRun, MapRunResult, MapRunShare } from '../../ports/map-runs.ts';
import { childName } from '../child-names.ts';
import { childArn, type ChildInput, childExecution, resultOf } from './child.ts';
import type { IndexSet } from './index-set.ts';
import { childInputs, MapRunFailure, openItems } from './inputs.ts';
import { createResultsBuffer, type ResultsBuffer } from './results-buffer.ts';
import type { MapRunScope } from './scope.ts';
import { added, counted, ended, EXCEEDED, exceedsTolerance, NOTHING } from './tally.ts';
import { PassingMap } from '../../passing-map.ts';

export interface LiveMapRunParams {
  readonly run: MapRun;
  /** Indexes that need not run. */
  readonly done: IndexSet;
  /** Indexes that did not succeed before the run was redriven. */
  readonly former: IndexSet;
  /** Children that were begun before a crash, whose ends will be told. */
  readonly adopted: readonly MapRunOrigin[];
  /** Undefined for a run that nobody waits for any more, of which no more is known. */
  readonly scope: MapRunScope | undefined;
  /** Whether its Map waits for it. */
  readonly isAwaited: () => boolean;
  readonly clock: Clock;
  readonly sources: ItemSources;
  /** The most children at once where the run does not say. */
  readonly window: number;
  readonly children: ChildRunner;
  /** A child can be neither begun nor found: nothing can go on. */
  readonly onFatal: (error: unknown) => void;
  readonly save: (run: MapRun, results: readonly MapRunResult[]) => Promise<void>;
}

/** Runs executions of one type for a map run. */
export interface ChildRunner {
  /**
   * Begins a child, or finds the one that was begun. The end of one that ends at once is returned; that of another is told
   * by {@link LiveMapRun.settle}.
   * @param rerun the child ended before, and its run was redriven
   */
  begin(machine: Machine, child: Execution, rerun: boolean): Execution | undefined | Promise<Execution | undefined>;
  stop(executionArn: string): void;
}

/** Results that may gather before the next child is begun. */
const MOST_GATHERED = 1024;
/** Children begun before others have their turn. */
const TURN = 256;

export type MapRunEnding =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string | null }
  /** Nobody waits for it. */
  | { readonly kind: 'aborted' };

export type MapRunOrigin = Extract<Origin, { kind: 'mapRun' }>;

interface RunningChild {
  readonly arn: string;
  readonly items: number;
  /** What its end will tell; an earlier one says nothing of it. */
  readonly redriveCount: number;
}

export class LiveMapRun {
  readonly #params: LiveMapRunParams;
  readonly #done: IndexSet;
  readonly #buffer: ResultsBuffer;
  /** Children that run, by index. */
  readonly #running = new PassingMap<number, RunningChild>();
  #run: MapRun;
  #ending: Exclude<MapRunEnding, { kind: 'succeeded' }> | undefined;
  /** The items have all been counted. */
  #complete = false;
  #changed: PromiseWithResolvers<void> | undefined;
  #begun = 0;

  constructor(params: LiveMapRunParams) {
    this.#params = params;
    this.#run = params.run;
    this.#done = params.done;
    for (const { index, items, redriveCount } of params.adopted) {
      const arn = childArn(params.run, childName(params.run.arn, index));
      if (params.done.has(index)) continue;
      this.#running.set(index, { arn, items, redriveCount });
      this.#redrives(index, items);
    }
    this.#buffer = createResultsBuffer((results) => params.save(this.#run, results));
  }

  get run(): MapRun {
    return this.#run;
  }

  /** False from when its Map was given up, which may not be durable yet. */
  get isAwaited(): boolean {
    return this.#params.isAwaited();
  }

  get writer(): Writer | null {
    return this.#params.scope?.map.writer ?? null;
  }

  /** The Parameters or Arguments of the ResultWriter; undefined where nothing is written. */
  get destination(): Json | undefined {
    return this.#params.scope?.request.writer?.json;
  }

  get running(): MapRunShare {
    const items = [...this.#running.values()].reduce((sum, child) => sum + child.items, 0);
    return { items, executions: this.#running.size };
  }

  /** Runs all children, and resolves when none runs any more and all results are durable. */
  async work(): Promise<MapRunEnding> {
    try {
      await this.#beginAll();
      this.#complete = true;
      this.#checkTolerance();
    } catch (error) {
      if (!(error instanceof MapRunFailure)) throw error;
      this.#end({ kind: 'failed', error: error.error, cause: error.message });
    }
    while (this.#running.size > 0) await this.#change();
    await this.#buffer.flush();
    return this.#ending ?? { kind: 'succeeded' };
  }

  /** Changes what UpdateMapRun changes; takes effect at once. Resolves when it is durable. */
  async update(
    change: Partial<Pick<MapRun, 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>>,
  ): Promise<void> {
    this.#run = { ...this.#run, ...change };
    this.#checkTolerance();
    this.#wake();
    await this.#buffer.flush();
  }

  /** It cannot go on: its children are stopped. */
  fail(failure: Extract<MapRunEnding, { kind: 'failed' }>): void {
    this.#end(failure);
  }

  /** Nobody waits for it any more: its children are stopped. */
  abort(): void {
    this.#end({ kind: 'aborted' });
  }

  /**
   * Its Map waits for it no more. {@link abort} comes as soon as that is durable; until then nothing may look as if it were so
   * (I2).
   */
  async givenUp(): Promise<MapRunEnding> {
    while (this.#ending?.kind !== 'aborted') await this.#change();
    return this.#ending;
  }

  /** Takes the run as it ended. Resolves when it is durable. */
  async close(change: Partial<MapRun>): Promise<void> {
    this.#run = { ...this.#run, ...change };
    await this.#buffer.flush();
  }

  /** A child has ended. Resolves when its result is durable (M1), or when it says nothing of this run. */
  async settle({ index, items, redriveCount: from }: MapRunOrigin, execution: Execution): Promise<void> {
    if (this.#done.has(index)) return this.#buffer.flush();
    // It had ended before the run was redriven, and is redriven with it.
    const expected = this.#running.get(index)?.redriveCount ?? this.#run.redriveCount;
    if (from < expected && execution.status !== 'SUCCEEDED') return;
    this.#done.add(index);
    this.#running.delete(index);
    const { redriveCount } = this.#run;
    const result = resultOf(execution, {
      index,
      items,
      redriveCount,
      keepInput: this.#keepsInput(execution),
      notRedrivable: this.#lost(execution),
    });
    this.#run = {
      ...this.#run,
      items: counted(this.#run.items, result.status, items),
      executions: counted(this.#run.executions, result.status, 1),
      ...(result.notRedrivable && { notRedrivable: added(this.#run.notRedrivable ?? NOTHING, items, 1) }),
    };
    // After a crash a child may end before its item is read again.
    this.#raiseTotals(ended(this.#run.items), ended(this.#run.executions));
    this.#checkTolerance();
    this.#wake();
    await this.#buffer.add(result);
  }

  /** Inputs of children that were not begun, read again from the items; they count from then on. @throws MapRunFailure */
  async *pending(): AsyncGenerator<readonly ChildInput[]> {
    const { scope, sources } = this.#params;
    if (!scope) return;
    const items = await openItems(scope.request, scope.map.reader, sources, this.#run);
    this.#checkSource(items.version);
    let read = 0;
    for await (const inputs of childInputs(items, { run: this.#run, scope })) {
      for (const input of inputs) this.#raiseTotals((read += input.items), input.index + 1);
      yield inputs.filter(({ index }) => !this.#done.has(index));
    }
  }

  /** What is told of a child has its input, unless it is only its output. */
  #keepsInput({ status }: Execution): boolean {
    return status !== 'SUCCEEDED' || this.writer?.config.Transformation === 'NONE';
  }

  /** Why no redrive lets it go on, though it did not succeed. An EXPRESS child begins anew. */
  #lost(execution: Execution): string | null {
    if (execution.status === 'SUCCEEDED' || this.#run.childType === 'EXPRESS') return null;
    return notRedrivable(execution, this.#params.clock.now());
  }

  async #beginAll(): Promise<void> {
    if (this.#ending) return;
    const { scope, sources } = this.#params;
    if (!scope || !this.isAwaited) return void (await this.givenUp());
    const items = await openItems(scope.request, scope.map.reader, sources, this.#run);
    this.#checkSource(items.version);
    if (items.total !== null) this.#raiseTotals(items.total, scope.state.batcher ? 0 : items.total);
    this.#complete = items.total !== null;
    // What had failed before a crash counts.
    this.#checkTolerance();
    if (this.#run.source !== items.version) await this.close({ source: items.version });
    let read = 0;
    for await (const inputs of childInputs(items, { run: this.#run, scope })) {
      if (!this.isAwaited) break;
      for (const input of inputs) {
        read += input.items;
        this.#raiseTotals(read, input.index + 1);
        if (this.#done.has(input.index) || this.#running.has(input.index)) continue;
        if (this.#mustWait()) await this.#room();
        if (this.#ending) return;
        // A child that was begun before a crash may have ended meanwhile.
        if (!this.#done.has(input.index)) this.#begin(scope, input);
      }
      if (this.#ending) return;
    }
    if (!this.isAwaited) await this.givenUp();
  }

  /** @throws MapRunFailure */
  #checkSource(version: string | null): void {
    const { source } = this.#run;
    if (source === null || source === version) return;
    throw new MapRunFailure(
      'States.ItemReaderFailed',
      'What the items are read from was changed while the map run was interrupted. Start a new execution.',
    );
  }

  #raiseTotals(items: number, executions: number): void {
    const { items: a, executions: b } = this.#run;
    if (items > a.total || executions > b.total)
      this.#run = {
        ...this.#run,
        items: { ...a, total: Math.max(a.total, items) },
        executions: { ...b, total: Math.max(b.total, executions) },
      };
  }

  #mustWait(): boolean {
    return (
      this.#running.size >= this.#most() ||
      this.#buffer.size() >= MOST_GATHERED ||
      (this.#begun > 0 && this.#begun % TURN === 0)
    );
  }

  #most(): number {
    return this.#run.maxConcurrency === 0 ? this.#params.window : this.#run.maxConcurrency;
  }

  async #room(): Promise<void> {
    this.#begun = 0;
    while (!this.#ending && this.#running.size >= this.#most()) await this.#change();
    if (this.#buffer.size() >= MOST_GATHERED) await this.#buffer.flush();
    else await new Promise<void>((resolve) => this.#params.clock.soon(resolve));
  }

  #begin({ machine, image, state }: MapRunScope, input: ChildInput): void {
    const { clock, children } = this.#params;
    const { index, items } = input;
    this.#redrives(index, items);
    const { arn: mapRunArn, redriveCount } = this.#run;
    const origin: MapRunOrigin = { kind: 'mapRun', mapRunArn, index, items, redriveCount };
    const child = childExecution(this.#run, image.execution, state.processor, input, clock.now());
    this.#begun += 1;
    this.#running.set(index, { arn: child.arn, items, redriveCount });
    const answer = children.begin(machine, child, redriveCount > 0);
    if (answer instanceof Promise)
      answer.then((ended) => this.#begunChild(origin, child.arn, ended)).catch(this.#params.onFatal);
    else this.#begunChild(origin, child.arn, answer);
  }

  /** What had not succeeded before is no longer what waits to be redriven. */
  #redrives(index: number, items: number): void {
    const { pendingRedrive } = this.#run;
    if (!pendingRedrive || !this.#params.former.has(index)) return;
    this.#run = { ...this.#run, pendingRedrive: added(pendingRedrive, -items, -1) };
  }

  #begunChild(origin: MapRunOrigin, arn: string, ended: Execution | undefined): void {
    if (ended && isClosed(ended)) this.settle(origin, ended).catch(() => {});
    else if (this.#ending && this.#running.has(origin.index)) this.#params.children.stop(arn);
  }

  #checkTolerance(): void {
    if (!this.#ending && exceedsTolerance(this.#run, this.#complete)) this.#end({ kind: 'failed', ...EXCEEDED });
  }

  #end(ending: Exclude<MapRunEnding, { kind: 'succeeded' }>): void {
    if (this.#ending) {
      if (ending.kind === 'aborted') this.#ending = ending;
      this.#wake();
      return;
    }
    this.#ending = ending;
    for (const { arn } of this.#running.values()) this.#params.children.stop(arn);
    this.#wake();
  }

  #change(): Promise<void> {
    this.#changed ??= Promise.withResolvers();
    return this.#changed.promise;
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
