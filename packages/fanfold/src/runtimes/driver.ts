/**
 * The embedded driver: starts, stops and shows executions, and lets the outside world answer them. The engine runs them,
 * `commands` performs what they ask for, `recovery` goes on with what was running.
 *
 * D4 A message to an execution is acknowledged once what it led to is durable; an engine that is over takes none in.
 */
import { type Execution, isClosed, type OutsideOrigin } from '../interpreter/execution.ts';
import { notRedrivable } from '../interpreter/redrive.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { Activities } from '../ports/activities.ts';
import type { Executions, Started, StartParams, TaskOutcomes } from '../ports/executions.ts';
import { type ItemSources, ItemSourceError } from '../ports/item-sources.ts';
import type { Logger } from '../ports/logger.ts';
import type { MapRuns as MapRunsPort } from '../ports/map-runs.ts';
import { ResultSinkError, type ResultSinks } from '../ports/result-sinks.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Services } from '../ports/services.ts';
import type { TaskTokens } from '../ports/task-tokens.ts';
import { createActivityTasks } from './activities/activity-tasks.ts';
import { createChildren } from './children.ts';
import { createClosingMessages } from './closing-messages.ts';
import { createCommands, outcomeEvent } from './commands.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { createInquiries } from './inquiries.ts';
import type { Machines, Startable } from './machines/machines.ts';
import { type BriefExecutions, expressRunner, standardRunner, stopLive } from './map-runs/child-runners.ts';
import { createMapRunInquiries } from './map-runs/inquiries.ts';
import { createMapRuns } from './map-runs/map-runs.ts';
import { recover } from './recovery.ts';
import { createRedriving } from './redriving.ts';
import { startedExecution, withinExpressTime } from './starting.ts';
import { createTaskTokens } from './task-tokens.ts';
import { createWaiters } from './waiters.ts';
import { PassingMap } from '../passing-map.ts';

export interface DriverOptions extends EngineOptions {
  readonly machines: Machines;
  /** Made with the executions that Task states may start. */
  readonly services: (executions: Executions) => Services;
  readonly logger: Logger;
  /** Whose limits executions begin with. @defaultValue local */
  readonly limits?: Limits;
  /** The most tasks that are performed at once; the executions have their turns. @defaultValue {@link TASK_CONCURRENCY} */
  readonly taskConcurrency?: number;
  /** The most executions that may run at once; each is held in memory. @defaultValue {@link MOST_OPEN} */
  readonly mostOpen?: number;
  /** Where ItemReaders read. @defaultValue there is nothing to read */
  readonly itemSources?: ItemSources;
  /** Where ResultWriters write. @defaultValue there is nowhere to write */
  readonly resultSinks?: ResultSinks;
  /** Runs EXPRESS children of map runs. @defaultValue there are none */
  readonly express?: BriefExecutions;
  /** Tells an origin that its execution has ended; told again until it resolves. */
  readonly onClosed: (origin: OutsideOrigin, execution: Execution) => Promise<void>;
}

export interface Driver {
  readonly executions: Executions;
  /** Starts what is already looked up. @throws ServiceError as {@link Executions.start} */
  begin(startable: Startable, params: StartParams): Promise<Started>;
  readonly outcomes: TaskOutcomes;
  readonly tokens: TaskTokens;
  /** Gives a worker the next task of an activity. @throws ServiceError ActivityDoesNotExist */
  readonly takeActivityTask: Activities['take'];
  /** Workers that wait for a task get none, and neither do those that ask from now on. */
  endPolls(): void;
  /** Runs executions that the store of this driver forgets. */
  readonly brief: BriefExecutions;
  readonly mapRuns: MapRunsPort;
  /** Goes on with everything that was running. @returns how many executions that were */
  recover(): Promise<number>;
  /** What this process has done so far. */
  counts(): { readonly running: number; readonly transitions: number; readonly tasks: number };
  /** Resolves when every end so far was told to who waited for it. */
  told(): Promise<void>;
  /** Stops performing; what is running goes on when the directory is opened again. */
  close(): Promise<void>;
}

/** As many as one account may run on AWS. */
const TASK_CONCURRENCY = 1000;

/** A waiting execution takes 5 KB. */
const MOST_OPEN = 250_000;

export function createDriver(options: DriverOptions): Driver {
  const {
    store,
    machines,
    clock,
    logger,
    onClosed,
    seed,
    limits = 'local',
    mostOpen = MOST_OPEN,
    taskConcurrency = TASK_CONCURRENCY,
  } = options;
  const engine = new Engine(options);
  const children = createChildren(engine);
  const waiters = createWaiters();
  const { describe, list, history } = createInquiries({ store, machines });
  const messages = createClosingMessages({
    describe,
    onClosed: (origin, execution) =>
      origin.kind === 'mapRun' ? mapRuns.settle(origin, execution) : onClosed(origin, execution),
    acknowledge: (message) => engine.commit(store.acknowledge(message)),
    clock,
    logger,
  });
  /** Set while and after what was running is loaded; who starts, stops or waits comes behind it. */
  let recovered: Promise<number> | undefined;
  /** Set while and after what was running is read; outcomes come behind it, and some of them belong to recovery. */
  let loaded: Promise<void> | undefined;
  const ready = async (): Promise<void> => {
    await recovered;
    engine.assertOn();
  };

  /** What runs goes on meanwhile. */
  const room = async (): Promise<void> => {
    const wait = store.hasRoom?.();
    if (!wait) return;
    await wait;
    engine.assertOn();
  };

  /** Executions that may be seen already, and do not run yet. */
  const starting = new PassingMap<string, Promise<unknown>>();
  const create: Engine['create'] = (machine, execution, amend) => {
    const { arn } = execution;
    const creating = engine.create(machine, execution, amend);
    if (!starting.has(arn)) starting.set(arn, creating);
    return creating.finally(() => starting.get(arn) === creating && starting.delete(arn));
  };

  const begin: Driver['begin'] = async (startable, params) => {
    await ready();
    await room();
    if (engine.live.size >= mostOpen) throw tooManyOpen(mostOpen);
    const execution = startedExecution(startable, params, clock.now(), limits);
    const machine = await machines.compiled(execution.definition);
    const { arn, startedAt } = execution;
    if (!(await create(machine, execution, withinExpressTime))) return existing(execution);
    const live = engine.live.get(arn);
    // Its parent may have been stopped while it was being started.
    if (live) children.stopOrphan(live);
    return { executionArn: arn, startDate: new Date(startedAt), existing: false };
  };

  /** Starting again with the same name and input while it runs is the same start, as on AWS; so is what one task asks for twice. */
  const existing = async (wanted: Execution): Promise<Started> => {
    const found = await describe(wanted.arn);
    const isOwn = found.startedBy !== undefined && found.startedBy === wanted.startedBy;
    if (!isOwn && (isClosed(found) || found.input.text !== wanted.input.text))
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${wanted.arn}'`);
    return { executionArn: found.arn, startDate: new Date(found.startedAt), existing: true };
  };

  const redriveOne = createRedriving({ engine, store, machines, children, messages, clock });
  const redriving: typeof redriveOne = (params) => {
    const { executionArn } = params;
    const going = redriveOne(params);
    // Those of one execution come one after the other: the last one asked for ends last.
    starting.set(executionArn, going);
    return going.finally(() => starting.get(executionArn) === going && starting.delete(executionArn));
  };
  const { express, itemSources = NO_SOURCES, resultSinks = NO_SINKS } = options;
  const standard = standardRunner({
    create,
    stop: (executionArn) => stopLive(engine, executionArn),
    redrive: async ({ arn: executionArn, origin }) => {
      const found = await store.describe(executionArn);
      const before = found?.origin;
      if (before?.kind !== 'mapRun' || origin?.kind !== 'mapRun') return undefined;
      // It ended well when nobody waited for it, as its run had been given up; or it can never go on.
      if (found && isClosed(found) && notRedrivable(found, clock.now()) !== null) return found;
      // Else it was begun, or redriven, by this very redrive, and its end is told.
      if (before.redriveCount < origin.redriveCount) await redriving({ executionArn, origin });
      return 'runs';
    },
  });
  const mapRuns = createMapRuns({
    engine,
    store,
    clock,
    logger,
    compiled: machines.compiled,
    seed,
    sources: itemSources,
    sinks: resultSinks,
    window: options.window ?? MAP_WINDOW,
    children: ({ childType }) => (childType === 'EXPRESS' && express ? expressRunner(express) : standard),
    stop: (executionArn) => stopLive(engine, executionArn),
  });
  const executions: Executions = {
    start: async (params) => {
      await ready();
      return begin(await machines.startable(params.stateMachineArn, seed()), params);
    },
    stop: async ({ executionArn, error, cause }) => {
      await ready();
      await starting.get(executionArn)?.catch(() => {});
      engine.assertOn();
      const live = engine.live.get(executionArn);
      if (live)
        await engine.step(live, { kind: 'stop', error: error ?? null, cause: cause ?? null, ...engine.outside() });
      const { stoppedAt } = await describe(executionArn);
      return new Date(stoppedAt ?? clock.now());
    },
    redrive: async (params) => {
      await ready();
      const { origin } = await describe(params.executionArn);
      if (origin?.kind === 'mapRun') throw redrivenWithItsRun(params.executionArn);
      return redriving(params);
    },
    describe,
    list,
    history,
    closed: async (executionArn) => {
      await ready();
      return waiters.wait(executionArn, engine.live.has(executionArn) ? undefined : () => describe(executionArn));
    },
  };

  const settle: TaskOutcomes['settle'] = async ({ executionArn, frame, attempt }, outcome) => {
    await loaded;
    engine.assertOn();
    const live = engine.live.get(executionArn);
    if (!live) return;
    live.settle(frame, attempt);
    await engine.step(live, outcomeEvent(frame, attempt, outcome, engine.outside()));
  };

  const activityTasks = createActivityTasks({ engine, store, clock });
  const commands = createCommands({
    engine,
    services: options.services(executions),
    children,
    activityTasks,
    mapRuns,
    clock,
    taskConcurrency,
  });
  engine.use({
    perform: commands.perform,
    added: children.add,
    warned: ({ arn: executionArn }, warnings) => {
      for (const { message, limit } of warnings) logger.warn(message, { executionArn, limit });
    },
    closed: (live, owed) => {
      children.remove(live);
      commands.forget(live);
      waiters.closed(live.execution);
      for (const message of owed) void messages.deliver(message);
    },
    over: (reason) => {
      activityTasks.endPolls();
      waiters.end(reason);
      messages.close();
    },
  });

  return {
    executions,
    begin,
    outcomes: {
      settle,
      // A child may end before its task knows that it was started: first things first, also in the history.
      settleChild: async (task, outcome) => {
        await loaded;
        await engine.live.get(task.executionArn)?.open(task.frame, task.attempt).answered;
        await settle(task, outcome);
      },
      awaited: async ({ executionArn, frame, attempt }) => {
        await ready();
        const live = engine.live.get(executionArn);
        return live?.awaitsTask(frame, attempt) ? live.open(frame, attempt).signal : undefined;
      },
    },
    tokens: createTaskTokens({ engine, store, commands, ready }),
    takeActivityTask: async (params) => {
      await ready();
      return activityTasks.take(params, (live, { frame, attempt }) => commands.beat(live, frame, attempt));
    },
    endPolls: activityTasks.endPolls,
    recover: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      loaded = promise;
      recovered = recover({
        engine,
        store,
        machines,
        children,
        commands,
        activityTasks,
        mapRuns,
        messages,
        logger,
        loaded: resolve,
      });
      recovered.then(
        () => resolve(),
        () => resolve(),
      );
      return recovered;
    },
    mapRuns: createMapRunInquiries({ store, mapRuns, ready }),
    brief: {
      run: (machine, execution) => {
        const begun = engine.createBrief(machine, execution, withinExpressTime);
        if (!(begun instanceof Promise)) return begun;
        return begun.then(() => waiters.wait(execution.arn, () => describe(execution.arn)));
      },
      stop: (executionArn) => stopLive(engine, executionArn),
    },
    counts: () => ({ running: engine.live.size, transitions: engine.transitions, tasks: commands.tasks() }),
    told: () => messages.idle(),
    close: async () => {
      engine.end(new Error('The engine is closed. Open its directory again to go on.'));
      engine.close();
    },
  };
}

/** Children of a map run at once, where the Map does not say. */
const MAP_WINDOW = 40;

const NO_SOURCES: ItemSources = {
  open: async () => {
    throw new ItemSourceError('There are no buckets here that items could be read from.');
  },
};

const nowhere = (): never => {
  throw new ResultSinkError('There are no buckets here that results could be written to.');
};

const NO_SINKS: ResultSinks = { check: async () => nowhere(), write: async () => nowhere(), location: nowhere };

function redrivenWithItsRun(executionArn: string): ServiceError {
  return new ServiceError(
    'ExecutionNotRedrivable',
    `The execution '${executionArn}' is a child of a map run. Redrive the execution that began the run.`,
  );
}

function tooManyOpen(most: number): ServiceError {
  return new ServiceError(
    'ExecutionLimitExceeded',
    `The maximum number of running executions (${most}) has been reached. Start this one when others have ended.`,
  );
}
