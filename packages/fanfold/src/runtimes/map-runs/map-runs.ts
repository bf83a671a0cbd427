/** The map runs of a driver: begins them, goes on with them after a crash, tells their executions how they ended. */
import type { Execution, Origin } from '../../interpreter/execution.ts';
import type { MapRunRequest } from '../../interpreter/frame.ts';
import { Image } from '../../interpreter/image.ts';
import { AWS_MAP_RUN_REDRIVES } from '../../interpreter/limits.ts';
import type { Machine } from '../../interpreter/machine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemSources } from '../../ports/item-sources.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MapRun } from '../../ports/map-runs.ts';
import type { ResultSinks } from '../../ports/result-sinks.ts';
import type { TaskRef } from '../../ports/services.ts';
import type { Store } from '../../ports/store.ts';
import { decodeMapRunScope, encodeMapRunScope } from '../codecs/map-run-scope-codec.ts';
import type { Engine } from '../engine.ts';
import type { LiveExecution } from '../live-execution.ts';
import {
  type ChildRunner,
  LiveMapRun,
  type LiveMapRunParams,
  type MapRunEnding,
  type MapRunOrigin,
} from './live-map-run.ts';
import { checkWriter, isWriterFailure, outputOf, writeResults, writerFailure } from './output.ts';
import { progressOf } from './progress.ts';
import { endedCounts, freshRun, redriven } from './run.ts';
import { type MapRunScope, requestIn, scopeOf } from './scope.ts';

export interface MapRunsParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @throws Error when the store holds no such definition, or this version cannot run it */
  readonly compiled: (definitionHash: string) => Promise<Machine>;
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
  const { engine, store, clock, logger, sources, sinks, seed, window } = params;
  const lives = new Map<string, LiveMapRun>();
  /** Runs that are being loaded, by the frames that wait for them. */
  const beginning = new Map<string, Promise<LiveMapRun | undefined>>();
  const cancelled = new Set<string>();
  /** Resolve when runs have ended, by their ARNs. */
  const working = new Map<string, Promise<void>>();

  const open = async (
    parent: LiveExecution,
    frame: string,
    attempt: number,
    adopted: readonly MapRunOrigin[],
  ): Promise<LiveMapRun | undefined> => {
    const scope = scopeOf(parent.machine, parent, frame);
    if (!scope) return undefined;
    const { request } = scope;
    const stored = await store.mapRun(request.mapRunArn);
    // It may have been given up meanwhile; one that runs by what is stored is still to be ended.
    if (requestOf(parent, frame) !== request && stored?.status !== 'RUNNING') return undefined;
    const again = stored !== undefined && request.redrives > stored.redriveCount;
    const run = stored
      ? again
        ? redriven(stored, attempt, clock.now())
        : { ...stored, attempt }
      : freshRun({ executionArn: parent.execution.arn, scope, attempt, seed: seed(), at: clock.now() });
    const isAwaited = (): boolean => requestOf(parent, frame)?.mapRunArn === run.arn;
    const live = await liveOf({ run, scope, isAwaited, adopted });
    // The frames of one that is given up may be dropped, and its files are still to be written.
    const text = request.writer
      ? encodeMapRunScope({ execution: scope.image.execution, frames: scope.image.frames })
      : undefined;
    if (!stored || again) await engine.commit(store.saveMapRun(live.run, [], text));
    return live;
  };

  /** What was given up before the process ended, and has not ended itself. */
  const reopen = async (run: MapRun, adopted: readonly MapRunOrigin[]): Promise<LiveMapRun> => {
    const live = await liveOf({ run, scope: await scopeLeft(run), isAwaited: () => false, adopted });
    live.abort();
    return live;
  };

  const scopeLeft = async ({ arn, frame }: MapRun): Promise<MapRunScope | undefined> => {
    const text = await store.mapRunScope(arn);
    if (text === undefined) return undefined;
    const image = decodeMapRunScope(text);
    try {
      return scopeOf(await params.compiled(image.execution.definition), new Image(image), frame);
    } catch (error) {
      logger.error('The results of a map run are not written: its definition does not compile any more', {
        arn,
        error,
      });
      return undefined;
    }
  };

  const liveOf = async ({ run, ...rest }: LiveParams): Promise<LiveMapRun> => {
    const { pendingRedrive, ...progress } = await progressOf(store, run);
    return new LiveMapRun({
      ...rest,
      ...progress,
      run: run.redriveCount > 0 && run.status === 'RUNNING' ? { ...run, pendingRedrive } : run,
      clock,
      sources,
      window,
      children: params.children(run),
      onFatal: (error) => engine.fatal(error),
      save: (saved, results) => engine.commit(store.saveMapRun(saved, results)),
    });
  };

  /** @param parent undefined where nobody waits for it any more */
  const work = async (parent: LiveExecution | undefined, live: LiveMapRun): Promise<void> => {
    const { status } = live.run;
    if (status !== 'RUNNING') return parent && tell(parent, live);
    const { ending, hasFiles } = await written(await worked(live), live);
    const stoppedAt = Math.max(clock.now(), live.run.startedAt);
    const { items, executions } = live.run;
    await live.close({
      stoppedAt,
      ...(ending.kind === 'succeeded'
        ? { status: 'SUCCEEDED', resultsWritten: { items: items.total, executions: executions.total } }
        : {
            ...(ending.kind === 'aborted'
              ? { status: 'ABORTED' }
              : { status: 'FAILED', error: ending.error, cause: ending.cause }),
            ...(hasFiles && endedCounts(live.run)),
          }),
    });
    if (parent && ending.kind !== 'aborted') await tell(parent, live);
  };

  /** Nothing is begun whose results could not be written. */
  const worked = async (live: LiveMapRun): Promise<MapRunEnding> => {
    const failure = await writerFailure(() => checkWriter(live, sinks));
    if (failure) live.fail(failure);
    return live.work();
  };

  /** Files are written whatever the end was. Of a run that was given up only the log tells that they could not be. */
  const written = async (ended: MapRunEnding, live: LiveMapRun): Promise<Written> => {
    const ending = ended.kind !== 'aborted' && live.writer && !live.isAwaited ? await live.givenUp() : ended;
    if (isWriterFailure(ending)) return { ending, hasFiles: false };
    const failure = await writerFailure(() => writeResults({ store, sinks, logger }, live, ending));
    if (!failure) return { ending, hasFiles: live.destination !== undefined };
    if (ending.kind !== 'aborted') return { ending: failure, hasFiles: false };
    logger.error('The results of a map run that was aborted could not be written', {
      mapRunArn: live.run.arn,
      error: failure.cause,
    });
    return { ending, hasFiles: false };
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

  const begin = (
    parent: LiveExecution,
    frame: string,
    attempt: number,
    adopted: readonly MapRunOrigin[] = [],
  ): Promise<void> => {
    const { mapRunArn = '', redrives = 0 } = requestOf(parent, frame) ?? {};
    const { arn: executionArn, limits } = parent.execution;
    if (limits === 'aws' && redrives > AWS_MAP_RUN_REDRIVES)
      return engine.step(parent, { kind: 'mapRunFailed', frame, attempt, ...TOO_OFTEN, ...engine.outside() });
    const task = { executionArn, frame, attempt };
    return inTurn(mapRunArn, () => run(parent, task, open(parent, frame, attempt, adopted)));
  };

  /** A redrive may come before the run that it goes on with has stopped all of its children, or was even begun. */
  const inTurn = async (arn: string, start: () => Promise<void>): Promise<void> => {
    for (let former = working.get(arn); former; former = working.get(arn)) await former;
    const done = start().finally(() => working.delete(arn));
    working.set(arn, done);
    await done;
  };

  const run = async (
    parent: LiveExecution | undefined,
    task: TaskRef,
    opening: Promise<LiveMapRun | undefined>,
  ): Promise<void> => {
    const key = keyOf(task);
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
      await lives.get(origin.mapRunArn)?.settle(origin, execution);
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
      for (const former of await store.runningMapRuns()) {
        if (awaited.has(former.arn)) continue;
        const ending = inTurn(former.arn, () => run(undefined, former, reopen(former, children.get(former.arn) ?? [])));
        ending.catch((error: unknown) => engine.fatal(error));
      }
      for (const { arn, origin } of running) if (!awaited.has(origin.mapRunArn)) params.stop(arn);
    },
    live: (arn) => lives.get(arn),
  };
}

interface Written {
  readonly ending: MapRunEnding;
  readonly hasFiles: boolean;
}

type LiveParams = Pick<LiveMapRunParams, 'run' | 'scope' | 'isAwaited' | 'adopted'>;

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

const TOO_OFTEN: { readonly error: string; readonly cause: string } = {
  error: 'States.Runtime',
  cause: `The map run was redriven ${AWS_MAP_RUN_REDRIVES} times, and cannot be redriven any more.`,
};

function keyOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn}#${frame}:${attempt}`;
}

/** The request that a frame's Map made. */
function requestOf({ frames }: LiveExecution, id: string): MapRunRequest | undefined {
  const frame = frames.get(id);
  return frame && requestIn(frame);
}
