/** The map runs of a driver: begins them, goes on with them after a crash, tells their executions how they ended. */
import type { Execution, Origin } from '../../interpreter/execution.ts';
import type { MapRunRequest } from '../../interpreter/frame.ts';
import type { MapState } from '../../interpreter/machine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemSources } from '../../ports/item-sources.ts';
import type { MapRun } from '../../ports/map-runs.ts';
import type { ResultSinks } from '../../ports/result-sinks.ts';
import type { TaskRef } from '../../ports/services.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from '../engine.ts';
import type { LiveExecution } from '../live-execution.ts';
import { createIndexSet, type IndexSet } from './index-set.ts';
import { requestOf } from './inputs.ts';
import { type ChildRunner, LiveMapRun, type MapRunEnding, type MapRunOrigin } from './live-map-run.ts';
import { checkWriter, isWriterFailure, outputOf, writeResults, writerFailure } from './output.ts';
import { resultsInOrder } from './results.ts';
import { ended, NO_TALLY } from './tally.ts';

export interface MapRunsParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly sources: ItemSources;
  readonly sinks: ResultSinks;
  readonly seed: () => number;
  readonly window: number;
  readonly children: (run: MapRun) => ChildRunner;
  /** Stops a child that is kept. */
  readonly stop: (executionArn: string) => void;
}

export interface MapRuns {
  /** Begins the run that a frame waits for, or goes on with it. */
  begin(parent: LiveExecution, frame: string, attempt: number): void;
  /** Nobody waits for it any more. */
  cancel(task: TaskRef): void;
  /** A child has ended. Resolves when that is durable. */
  settle(origin: MapRunOrigin, execution: Execution): Promise<void>;
  /**
   * Goes on with what the executions wait for, and ends what nobody waits for.
   * @param untold where executions came from that have ended, of which it was not yet told
   */
  recover(live: readonly LiveExecution[], untold: readonly Origin[]): Promise<void>;
  live(mapRunArn: string): LiveMapRun | undefined;
}

export function createMapRuns(params: MapRunsParams): MapRuns {
  const { engine, store, clock, sources, sinks, seed, window } = params;
  const lives = new Map<string, LiveMapRun>();
  /** Runs that are being loaded, by the frames that wait for them. */
  const beginning = new Map<string, Promise<LiveMapRun | undefined>>();
  const cancelled = new Set<string>();
  /** Resolve when runs have ended, by their ARNs. */
  const working = new Map<string, Promise<void>>();

  /** Of runs that nobody waits for: what lets go of them, once their children have ended. */
  const abandoned = new Map<string, Abandoned>();

  const open = async (
    parent: LiveExecution,
    frame: string,
    attempt: number,
    adopted: readonly MapRunOrigin[],
  ): Promise<LiveMapRun | undefined> => {
    const request = requestOf(parent, frame);
    const state = stateOf(parent, frame);
    if (!request || !state?.distributed) return undefined;
    const stored = await store.mapRun(request.mapRunArn);
    // It may have been given up meanwhile; one that runs by what is stored is still to be ended.
    if (requestOf(parent, frame) !== request && stored?.status !== 'RUNNING') return undefined;
    const again = stored !== undefined && request.redrives > stored.redriveCount;
    const run = stored
      ? again
        ? redriven(stored, attempt, clock.now())
        : { ...stored, attempt }
      : freshRun({ parent, request, frame, attempt, state, seed: seed(), at: clock.now() });
    const done = stored ? await indexesDone(store, run) : createIndexSet();
    const live = new LiveMapRun({
      run,
      done,
      adopted,
      parent,
      state,
      map: state.distributed,
      clock,
      sources,
      window,
      children: params.children(run),
      onFatal: (error) => engine.fatal(error),
      save: (saved, results) => engine.commit(store.saveMapRun(saved, results)),
    });
    if (!stored || again) await live.close({});
    return live;
  };

  const work = async (parent: LiveExecution, live: LiveMapRun): Promise<void> => {
    const { status } = live.run;
    if (status !== 'RUNNING') return tell(parent, live);
    const ending = await written(await worked(live), live);
    const hasFiles = live.destination !== undefined && !isWriterFailure(ending);
    const stoppedAt = Math.max(clock.now(), live.run.startedAt);
    const { items, executions } = live.run;
    await live.close({
      stoppedAt,
      ...(ending.kind === 'succeeded'
        ? { status: 'SUCCEEDED', resultsWritten: { items: items.total, executions: executions.total } }
        : ending.kind === 'aborted'
          ? { status: 'ABORTED' }
          : { status: 'FAILED', error: ending.error, cause: ending.cause, ...(hasFiles && endedCounts(live)) }),
    });
    if (ending.kind !== 'aborted') await tell(parent, live);
  };

  /** Nothing is begun whose results could not be written. */
  const worked = async (live: LiveMapRun): Promise<MapRunEnding> => {
    const failure = await writerFailure(() => checkWriter(live, sinks));
    return failure ?? live.work();
  };
  const written = async (ending: MapRunEnding, live: LiveMapRun): Promise<MapRunEnding> => {
    if (ending.kind === 'aborted' || isWriterFailure(ending)) return ending;
    if (live.writer && !live.isAwaited) return live.givenUp();
    return (await writerFailure(() => writeResults({ store, sinks }, live, ending))) ?? ending;
  };

  const tell = async (parent: LiveExecution, live: LiveMapRun): Promise<void> => {
    const { run } = live;
    const { frame, attempt, status, error, cause } = run;
    const to = { frame, attempt };
    if (status === 'FAILED')
      return engine.step(parent, {
        kind: 'mapRunFailed',
        ...to,
        error: error ?? 'States.Runtime',
        cause,
        ...engine.outside(),
      });
    const output = await outputOf({ store, sinks }, live);
    if (output === undefined)
      return engine.step(parent, { kind: 'mapRunFailed', ...to, ...TOO_LARGE, ...engine.outside() });
    return engine.step(parent, { kind: 'mapRunSucceeded', ...to, output, ...engine.outside() });
  };

  const begin = async (
    parent: LiveExecution,
    frame: string,
    attempt: number,
    adopted: readonly MapRunOrigin[] = [],
  ): Promise<void> => {
    const arn = requestOf(parent, frame)?.mapRunArn ?? '';
    // A redrive may come before the run that it goes on with has stopped all of its children, or was even begun.
    for (let former = working.get(arn); former; former = working.get(arn)) await former;
    const done = run(parent, frame, attempt, adopted).finally(() => working.delete(arn));
    working.set(arn, done);
    await done;
  };

  const run = async (
    parent: LiveExecution,
    frame: string,
    attempt: number,
    adopted: readonly MapRunOrigin[],
  ): Promise<void> => {
    const key = keyOf({ executionArn: parent.execution.arn, frame, attempt });
    const opening = open(parent, frame, attempt, adopted);
    beginning.set(key, opening);
    const live = await opening;
    if (live) lives.set(live.run.arn, live);
    beginning.delete(key);
    const isCancelled = cancelled.delete(key);
    if (!live) return;
    if (isCancelled) live.abort();
    try {
      await work(parent, live);
    } finally {
      lives.delete(live.run.arn);
    }
  };

  /** A redrive that comes meanwhile waits until its children have ended. */
  const abandon = (arn: string, children: readonly MapRunOrigin[], letGo: () => Promise<void>): void => {
    const left = new Set(children.map(({ index }) => index));
    const ended = Promise.withResolvers<void>();
    if (left.size === 0) ended.resolve();
    const done = ended.promise.then(letGo).finally(() => {
      abandoned.delete(arn);
      working.delete(arn);
    });
    done.catch(() => {});
    working.set(arn, done);
    abandoned.set(arn, {
      settle: ({ index }) => {
        left.delete(index);
        if (left.size === 0) ended.resolve();
        return done;
      },
    });
  };

  return {
    begin: (parent, frame, attempt) => {
      begin(parent, frame, attempt).catch((error: unknown) => engine.fatal(error));
    },
    cancel: (task) => {
      const key = keyOf(task);
      if (beginning.has(key)) cancelled.add(key);
      for (const live of lives.values()) {
        const { executionArn, frame, attempt } = live.run;
        if (keyOf({ executionArn, frame, attempt }) === key) live.abort();
      }
    },
    settle: async (origin, execution) => {
      await Promise.all(beginning.values());
      const { mapRunArn } = origin;
      await (abandoned.get(mapRunArn)?.settle(origin) ?? lives.get(mapRunArn)?.settle(origin, execution));
    },
    recover: async (executions, untold) => {
      const running = executions.map(({ execution }) => execution).filter(isChild);
      const unsettled = [...untold.filter(isMapRunOrigin), ...running.map(({ origin }) => origin)];
      const children = Map.groupBy(unsettled, ({ mapRunArn }) => mapRunArn);
      const awaited = new Set<string>();
      for (const live of executions) {
        for (const { id, attempt, waiting } of live.frames.values()) {
          if (waiting.kind !== 'mapRun') continue;
          awaited.add(waiting.mapRunArn);
          begin(live, id, attempt, children.get(waiting.mapRunArn)).catch((error: unknown) => engine.fatal(error));
        }
      }
      // Their parents were stopped before the crash.
      for (const run of await store.runningMapRuns()) {
        if (awaited.has(run.arn)) continue;
        const letGo = (): Promise<void> =>
          engine.commit(store.saveMapRun({ ...run, status: 'ABORTED', stoppedAt: clock.now() }, []));
        abandon(run.arn, children.get(run.arn) ?? [], letGo);
      }
      for (const { arn, origin } of running) if (!awaited.has(origin.mapRunArn)) params.stop(arn);
    },
    live: (arn) => lives.get(arn),
  };
}

/** A run that nobody waits for, whose children are being stopped. */
interface Abandoned {
  /** One has ended. Resolves when the run is let go of. */
  settle(origin: MapRunOrigin): Promise<void>;
}

type Child = Execution & { readonly origin: MapRunOrigin };

function isChild(execution: Execution): execution is Child {
  return execution.origin?.kind === 'mapRun';
}

function isMapRunOrigin(origin: Origin): origin is MapRunOrigin {
  return origin.kind === 'mapRun';
}

const TOO_LARGE: { readonly error: string; readonly cause: string } = {
  error: 'States.DataLimitExceeded',
  cause: 'The results of the map run are too large for the output of a state. Give the Map a ResultWriter.',
};

function keyOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn}#${frame}:${attempt}`;
}

function stateOf({ frames, machine }: LiveExecution, id: string): MapState | undefined {
  const frame = frames.get(id);
  const state = frame && machine.blocks[frame.block]?.states.get(frame.state);
  return state?.type === 'Map' ? state : undefined;
}

interface FreshParams {
  readonly parent: LiveExecution;
  readonly request: MapRunRequest;
  readonly frame: string;
  readonly attempt: number;
  readonly state: MapState;
  readonly seed: number;
  readonly at: number;
}

function freshRun({ parent, request, frame, attempt, state, seed, at }: FreshParams): MapRun {
  const { mapRunArn: arn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request;
  return {
    arn,
    executionArn: parent.execution.arn,
    frame,
    attempt,
    stateMachineArn: arn.slice(0, arn.lastIndexOf(':')).replace(':mapRun:', ':stateMachine:'),
    childType: state.distributed?.type ?? 'STANDARD',
    status: 'RUNNING',
    startedAt: at,
    stoppedAt: null,
    seed,
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    source: null,
    items: NO_TALLY,
    executions: NO_TALLY,
    resultsWritten: { items: 0, executions: 0 },
    error: null,
    cause: null,
    redriveCount: 0,
    redrivenAt: null,
  };
}

/** Of a run that failed, what its ResultWriter has written all the same. */
function endedCounts({ run }: LiveMapRun): Pick<MapRun, 'resultsWritten'> {
  return { resultsWritten: { items: ended(run.items), executions: ended(run.executions) } };
}

/** What did not succeed is to run again. */
function redriven(run: MapRun, attempt: number, at: number): MapRun {
  if (run.status === 'SUCCEEDED') return { ...run, attempt };
  const pending = { failed: 0, timedOut: 0, aborted: 0 };
  return {
    ...run,
    attempt,
    status: 'RUNNING',
    stoppedAt: null,
    error: null,
    cause: null,
    items: { ...run.items, ...pending },
    executions: { ...run.executions, ...pending },
    redriveCount: run.redriveCount + 1,
    redrivenAt: at,
  };
}

async function indexesDone(store: Store, { arn, redriveCount }: MapRun): Promise<IndexSet> {
  const done = createIndexSet();
  for await (const results of resultsInOrder(store, arn)) {
    for (const result of results)
      if (result.status === 'SUCCEEDED' || result.redriveCount === redriveCount) done.add(result.index);
  }
  return done;
}
