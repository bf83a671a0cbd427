/**
 * A driver for tests: with a clock that stands still until it is told to go on, functions played by the test, and a
 * store whose every call can be held, cut off or spoilt on its way ({@link around}).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Execution, OutsideOrigin } from '../interpreter/execution.ts';
import type { Limits } from '../interpreter/limits.ts';
import { Value } from '../interpreter/value.ts';
import type { Json } from '../json.ts';
import type { StartParams } from '../ports/executions.ts';
import type { ItemSources } from '../ports/item-sources.ts';
import type { MapRun, MapRunResult } from '../ports/map-runs.ts';
import type { ResultSinks } from '../ports/result-sinks.ts';
import type { Service, TaskOutcome, TaskRequest } from '../ports/services.ts';
import type { Commit, OutboxMessage, Store } from '../ports/store.ts';
import { createServices } from '../services/registry.ts';
import { outcomeOf } from '../services/states/outcome.ts';
import { createStatesService } from '../services/states/service.ts';
import { type ManualClock, manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createSlowStore, type Item } from '../testing/slow-store.ts';
import { createDriver, type Driver, type DriverOptions } from './driver.ts';
import { createExpressStore } from './express-store.ts';
import { createMachines, type Machines } from './machines/machines.ts';
import { forgetting } from './map-runs/child-runners.ts';
import { createMemoryStore } from './memory/store.ts';
import { SMALL_PACKS } from './sqlite/packing.ts';
import { createSqliteStore } from './sqlite/store.ts';

export const PLACE = { region: 'us-east-1', account: '000000000000' };

export function machineArn(name: string): string {
  return `arn:aws:states:${PLACE.region}:${PLACE.account}:stateMachine:${name}`;
}

export function runArn(machine: string, name: string): string {
  return `arn:aws:states:${PLACE.region}:${PLACE.account}:execution:${machine}:${name}`;
}

export function activityArn(name: string): string {
  return `arn:aws:states:${PLACE.region}:${PLACE.account}:activity:${name}`;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:${name}`;
}

/** A Task state that calls a function of the test. */
export function call(name: string, rest: Readonly<Record<string, Json>> = { End: true }): Json {
  return { Type: 'Task', Resource: functionArn(name), ...rest };
}

/** A Task state that starts an execution. */
export function startOf(
  machine: string,
  form: '' | '.sync' | '.sync:2',
  {
    Parameters = {},
    ...rest
  }: Readonly<Record<string, Json>> & { readonly Parameters?: Readonly<Record<string, Json>> } = { End: true },
): Json {
  return {
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${form}`,
    Parameters: { StateMachineArn: machineArn(machine), 'Input.$': '$', ...Parameters },
    ...rest,
  };
}

/** States that follow one another in the order given. */
export function sequence(states: Readonly<Record<string, Json>>, rest: Readonly<Record<string, Json>> = {}): Json {
  const names = Object.keys(states);
  const linked = names.map((name, i) => {
    const next = names[i + 1];
    const { End: _, ...state } = states[name] as Readonly<Record<string, Json>>;
    return [name, next === undefined ? { ...state, End: true } : { ...state, Next: next }] as const;
  });
  return { StartAt: names[0] as string, States: Object.fromEntries(linked), ...rest };
}

const MOST_WAITS = 1_000;

export interface TestClock extends ManualClock {
  /** Runs what waits for its turn. False when nothing did. */
  turn(): boolean;
}

export function testClock(start?: number): TestClock {
  let waiting: (() => void)[] = [];
  const manual = manualClock(start);
  return {
    ...manual,
    // What is overdue comes in the order it was asked for, as with the machine's timers.
    wake: (at, run) => manual.wake(Math.max(at, manual.now()), run),
    soon: (run) => {
      waiting.push(run);
    },
    turn: () => {
      const now = waiting;
      waiting = [];
      for (const run of now) run();
      return now.length > 0;
    },
  };
}

/** A call of a store: writes of executions have a number, counted from 1. */
export type StoreCall =
  | { readonly kind: 'create' | 'commit'; readonly number: number; readonly commit: Commit }
  | { readonly kind: 'acknowledge'; readonly number: number; readonly message: OutboxMessage }
  | {
      readonly kind: 'mapRun';
      readonly number: number;
      readonly run: MapRun;
      readonly results: readonly MapRunResult[];
      readonly scope: string | undefined;
    }
  | { readonly kind: 'other' };

/** Lets a test stand around each call of a store; `go` makes the call, with another commit where one is given. */
export function around(
  store: Store,
  guard: <T>(call: StoreCall, go: (commit?: Commit) => Promise<T>) => Promise<T>,
): Store {
  let number = 0;
  const own: Partial<Store> = {
    saveMapRun: (run, results, scope) =>
      guard({ kind: 'mapRun', number: ++number, run, results, scope }, () => store.saveMapRun(run, results, scope)),
    create: (commit) =>
      guard({ kind: 'create', number: ++number, commit }, (changed = commit) => store.create(changed)),
    commit: (commit) =>
      guard({ kind: 'commit', number: ++number, commit }, (changed = commit) => store.commit(changed)),
    acknowledge: (message) =>
      guard({ kind: 'acknowledge', number: ++number, message }, () => store.acknowledge(message)),
    eventsPerTurn: () => store.eventsPerTurn?.(),
    close: () => store.close(),
  };
  return new Proxy(store, {
    get: (_, name) => {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const method: unknown = Reflect.get(store, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => guard({ kind: 'other' }, async () => Reflect.apply(method, store, args));
    },
  });
}

/** What a store keeps things in, for as long as a test lasts. */
export interface Medium {
  /** Opens a store on what is there. */
  open(): Store;
  /** Throws everything away. */
  remove(): void;
}

export const MEDIA: Readonly<Record<'sqlite' | 'single keys', () => Medium>> = {
  sqlite: () => {
    const directory = mkdtempSync(join(tmpdir(), 'fanfold-driver-'));
    return {
      open: () => createSqliteStore({ directory, packs: SMALL_PACKS }),
      remove: () => rmSync(directory, { recursive: true, force: true }),
    };
  },
  'single keys': () => {
    const items = new Map<string, Item>();
    return { open: () => createSlowStore({ items, wait: async () => {} }), remove: () => items.clear() };
  },
};

/** All stores, those that end with the process among them. */
export const STORES: Readonly<Record<string, () => Medium>> = {
  memory: () => ({ open: createMemoryStore, remove: () => {} }),
  ...MEDIA,
};

export type TestFunction = (event: Json, request: TaskRequest) => Json | TaskOutcome | Promise<Json | TaskOutcome>;

export interface RigOptions {
  readonly store: Store;
  /** Called by the last part of the Resource. What is not an outcome is the output of a success. */
  readonly functions?: Readonly<Record<string, TestFunction>>;
  readonly clock?: TestClock;
  readonly window?: number;
  readonly limits?: Limits;
  readonly eventsPerTurn?: number;
  readonly mostOpen?: number;
  readonly taskConcurrency?: number;
  /** @defaultValue the same for all rigs */
  readonly tokenSecret?: string;
  readonly itemSources?: ItemSources;
  readonly resultSinks?: ResultSinks;
  /** Stands between the driver and the store; what it holds back is not waited for by {@link Rig.quiet}. */
  readonly between?: (store: Store) => Store;
  /** In place of telling the parent task. */
  readonly onClosed?: (origin: OutsideOrigin, execution: Execution, rig: Rig) => Promise<void>;
}

export interface Rig {
  readonly driver: Driver;
  /** How many EXPRESS children of map runs there are. */
  brief(): number;
  readonly machines: Machines;
  readonly clock: TestClock;
  /** Every task performed, in order. */
  readonly calls: readonly TaskRequest[];
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly fatal: readonly unknown[];
  put(name: string, definition: Json): Promise<void>;
  start(machine: string, name: string, input?: Json, rest?: Partial<StartParams>): Promise<string>;
  /** Resolves once nothing moves any more unless time passes or somebody answers. */
  quiet(): Promise<void>;
  /** Lets time pass until there is nothing left to wait for, or `enough`. @throws Error when that does not come */
  run(enough?: () => boolean): Promise<void>;
  /** Tells the task that waits for it that its child has ended, as the composition root does. */
  tell(origin: OutsideOrigin, execution: Execution): Promise<void>;
}

export function createRig(options: RigOptions): Rig {
  const {
    store,
    functions = {},
    clock = testClock(),
    window,
    limits,
    eventsPerTurn,
    mostOpen,
    taskConcurrency,
    tokenSecret = 'secret',
    between,
    onClosed,
    itemSources,
    resultSinks,
  } = options;
  let busy = 0;
  const counted = around(store, async (_, go) => {
    busy += 1;
    try {
      return await go();
    } finally {
      busy -= 1;
    }
  });
  const watched = between?.(counted) ?? counted;
  const calls: TaskRequest[] = [];
  const fatal: unknown[] = [];
  const logger = recordingLogger();
  const machines = createMachines({ store: watched, clock, ...PLACE });
  const services: DriverOptions['services'] = (executions) => {
    const services = createServices({
      lambda: functionsService(functions),
      batch: functionsService(functions),
      states: createStatesService({ executions, resolve: (arn) => machineArn(arn.slice(arn.lastIndexOf(':') + 1)) }),
    });
    return {
      perform: (request) => {
        calls.push(request);
        return services.perform(request);
      },
    };
  };
  const common = {
    machines,
    services,
    clock,
    logger,
    seed: () => 7,
    tokenSecret,
    onFatal: (error: unknown) => fatal.push(error),
    ...(window !== undefined && { window }),
    ...(limits !== undefined && { limits }),
    ...(eventsPerTurn !== undefined && { eventsPerTurn }),
    ...(mostOpen !== undefined && { mostOpen }),
    ...(taskConcurrency !== undefined && { taskConcurrency }),
    ...(itemSources && { itemSources }),
    ...(resultSinks && { resultSinks }),
  };
  const expressStore = createExpressStore();
  const express = createDriver({ ...common, store: expressStore, onClosed: async () => {} });
  const driver = createDriver({
    ...common,
    store: watched,
    express: forgetting(express.brief, (executionArn) => expressStore.forget(executionArn)),
    onClosed: (origin, execution) => (onClosed ? onClosed(origin, execution, rig) : rig.tell(origin, execution)),
  });
  const quiet = async (): Promise<void> => {
    do await new Promise(setImmediate);
    while (clock.turn() || busy > 0);
  };
  const rig: Rig = {
    driver,
    brief: () => express.counts().running,
    machines,
    clock,
    calls,
    logger,
    fatal,
    quiet,
    put: async (name, definition) => {
      const text = JSON.stringify(definition);
      await machines.put({ name, definition: text, roleArn: 'arn:aws:iam::000000000000:role/test', type: 'STANDARD' });
    },
    start: async (machine, name, input = {}, rest = {}) => {
      const params = { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input), ...rest };
      return (await driver.executions.start(params)).executionArn;
    },
    run: async (enough = () => false) => {
      await quiet();
      let waits = 0;
      for (let [next] = clock.due(); next !== undefined && !enough(); [next] = clock.due()) {
        if (++waits > MOST_WAITS) throw new Error(`There is still something to wait for after ${MOST_WAITS} waits`);
        clock.advance(Math.max(0, next));
        await quiet();
      }
    },
    tell: async (origin, execution) => {
      if (origin.kind === 'task') await driver.outcomes.settleChild(origin, outcomeOf(execution, origin.output));
    },
  };
  return rig;
}

function functionsService(functions: Readonly<Record<string, TestFunction>>): Service {
  return {
    perform: async (request) => {
      const { name, event } = calledIn(request);
      const play = functions[name];
      if (!play) return failed('Lambda.ResourceNotFoundException', name);
      const answer = await play(event, request);
      return isOutcome(answer) ? answer : { kind: 'succeeded', output: Value.ofJson(answer) };
    },
  };
}

/** By the function's own ARN, or as the parameters of `lambda:invoke` say. */
function calledIn({ resource, parameters }: TaskRequest): { readonly name: string; readonly event: Json } {
  if (!resource.includes(':lambda:invoke'))
    return { name: resource.slice(resource.lastIndexOf(':') + 1), event: parameters.json };
  const { FunctionName, Payload = {} } = parameters.json as { readonly FunctionName: string; readonly Payload?: Json };
  return { name: FunctionName, event: Payload };
}

function isOutcome(answer: Json | TaskOutcome): answer is TaskOutcome {
  return typeof answer === 'object' && answer !== null && 'kind' in answer;
}

export function failed(error: string, cause?: string): TaskOutcome {
  return { kind: 'failed', error, ...(cause !== undefined && { cause }) };
}

/** Answers when it is told to. */
export interface Desk {
  readonly play: TestFunction;
  /** Calls without an answer, oldest first. */
  readonly open: { readonly event: Json; readonly request: TaskRequest; answer(answer: Json | TaskOutcome): void }[];
}

export function desk(): Desk {
  const open: Desk['open'] = [];
  return {
    open,
    play: (event, request) =>
      new Promise((answer) => {
        open.push({ event, request, answer });
      }),
  };
}

/** A function that nobody ever hears from again. */
export const silent: TestFunction = () => new Promise<Json>(() => {});
