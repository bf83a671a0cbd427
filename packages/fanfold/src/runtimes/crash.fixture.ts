/**
 * Crashes for tests of recovery. A scenario is run undisturbed once, and then again for each write of the store, where
 * the process ends at that write: nothing that comes after it reaches the store, and everything in memory is gone. A
 * second driver on what the store kept must bring everything to the same end.
 */
import { type Execution, isClosed } from '../interpreter/execution.ts';
import type { HistoryRecord } from '../interpreter/history.ts';
import type { Json } from '../json.ts';
import type { TaskRequest } from '../ports/services.ts';
import type { Commit, Store } from '../ports/store.ts';
import {
  around,
  createRig,
  type Medium,
  type Rig,
  type RigOptions,
  runArn,
  type TestClock,
  testClock,
} from './driver.fixture.ts';

export interface Scenario {
  /** The first one is started. */
  readonly machines: Readonly<Record<string, Json>>;
  readonly input?: Json;
  /** Puts something there before all begins. */
  readonly prepare?: (store: Store) => Promise<void>;
  /** How often the first one is redriven once it has ended. @defaultValue 0 */
  readonly redrives?: number;
  /** Made anew for each process. */
  readonly functions?: () => NonNullable<RigOptions['functions']>;
  /** Made anew for each run: it lives on when the process ends. */
  readonly world?: () => World;
}

/** What is outside of the process, and remembers what it was told and has not settled yet. */
export interface World {
  readonly functions: NonNullable<RigOptions['functions']>;
  /** Does one thing, when nothing else moves. False when there is nothing to do. */
  act(rig: Rig): Promise<boolean>;
}

export interface Crash {
  /** How many writes become durable before it. */
  readonly after: number;
  /** Whether the driver still hears of the last of them, and acts on it. */
  readonly told: boolean;
}

/** What it all came to. */
export interface Outcome {
  /** Each execution by its ARN. */
  readonly executions: Readonly<Record<string, Ending>>;
  /** Attempts of tasks for which a call was due, over all executions. */
  readonly attempts: number;
  readonly writes: number;
}

interface Ending {
  readonly status: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** Spoils what a store is given, to prove that it would be noticed. */
export type Fault = (commit: Commit, number: number) => Commit;

export interface Sweep {
  readonly scenario: Scenario;
  readonly medium: () => Medium;
  readonly fault?: Fault;
}

/** Runs a scenario without a crash. */
export async function runUndisturbed({ scenario, medium: make, fault }: Sweep): Promise<Outcome> {
  const medium = await prepared(make, scenario);
  try {
    const world = scenario.world?.();
    const process = open(medium, scenario, { fault, world });
    await begin(process, scenario, world);
    const calls = callsOf(process.rig.calls);
    const outcome = await look(process.store, process.line.writes());
    await close(process);
    same('tasks called without a crash', new Set(calls).size, calls.length);
    return outcome;
  } finally {
    medium.remove();
  }
}

/** Runs a scenario with a crash, and goes on after it. @throws Error that says what is not as it must be */
export async function runCrashed(
  { scenario, medium: make, fault }: Sweep,
  crash: Crash,
  wanted: Outcome,
): Promise<void> {
  const medium = await prepared(make, scenario);
  try {
    const world = scenario.world?.();
    const first = open(medium, scenario, { fault, crash, world });
    await begin(first, scenario, world);
    same('errors before the crash', [...first.rig.fatal, ...first.rig.logger.lines], []);
    // Killed: nobody closes the driver. The store lets go of its files, as the system does it.
    await first.store.close();
    const left = medium.open();
    const due = callsDue(await histories(left));
    const answered = await answersWaiting(left);
    await left.close();

    const second = open(medium, scenario, { clock: testClock(first.rig.clock.now()), world });
    const recovered = await second.rig.driver.recover();
    await goOn(second, world);
    await redriveAll(second, scenario, world);
    const outcome = await look(second.store, 0);
    same('executions', outcome.executions, wanted.executions);
    same('attempts of tasks', outcome.attempts, wanted.attempts);
    same('executions left running', second.rig.driver.counts().running, 0);
    same('messages left', (await second.store.outbox()).length, 0);
    compareCalls(first.rig.calls, second.rig.calls, due.inFlight - answered, wanted.attempts - due.begun);
    same('executions recovered', recovered, due.running);
    same('errors', [...second.rig.fatal, ...second.rig.logger.lines], []);
    await close(second);
  } finally {
    medium.remove();
  }
}

/** Crashes at every write, and collects what went wrong. */
export async function sweep(
  params: Sweep,
): Promise<{ readonly wanted: Outcome; readonly problems: readonly string[] }> {
  const wanted = await runUndisturbed({ scenario: params.scenario, medium: params.medium });
  const problems: string[] = [];
  for (let after = 1; after <= wanted.writes; after++) {
    for (const told of [false, true]) {
      const where = `crash after write ${after} of ${wanted.writes}, ${told ? '' : 'not '}told`;
      await runCrashed(params, { after, told }, wanted).catch((error: Error) =>
        problems.push(`${where}: ${error.message}`),
      );
    }
  }
  return { wanted, problems };
}

async function prepared(make: () => Medium, { prepare }: Scenario): Promise<Medium> {
  const medium = make();
  if (!prepare) return medium;
  const store = medium.open();
  await prepare(store);
  await store.close();
  return medium;
}

interface Process {
  readonly rig: Rig;
  readonly store: Store;
  readonly line: Line;
}

interface OpenOptions {
  readonly fault?: Fault | undefined;
  readonly crash?: Crash;
  readonly clock?: TestClock;
  readonly world?: World | undefined;
}

function open(medium: Medium, { functions }: Scenario, { fault, crash, clock, world }: OpenOptions): Process {
  const store = medium.open();
  const line = oneByOne(fault, crash);
  const rig = createRig({
    store,
    between: line.between,
    functions: { ...functions?.(), ...world?.functions },
    ...(clock && { clock }),
  });
  return { rig, store, line };
}

async function begin(process: Process, scenario: Scenario, world: World | undefined): Promise<void> {
  const { rig } = process;
  const { machines, input = {} } = scenario;
  for (const [name, definition] of Object.entries(machines)) await rig.put(name, definition);
  const started = rig.start(Object.keys(machines)[0] as string, 'run', input);
  // After a crash nobody hears whether it was started.
  await Promise.race([started, rig.quiet()]);
  await goOn(process, world);
  await redriveAll(process, scenario, world);
}

/** Until nobody has anything to do any more, or the process has ended. Time passes when nothing else is to be done. */
async function goOn({ rig, line }: Process, world: World | undefined): Promise<void> {
  if (!world) return rig.run(line.isCut);
  for (;;) {
    await rig.quiet();
    if (line.isCut()) return;
    // What is cut off has no answer.
    const acted = await Promise.race([world.act(rig), rig.quiet().then(() => line.isCut() || undefined)]);
    if (line.isCut()) return;
    if (acted) continue;
    const [next] = rig.clock.due();
    if (next === undefined) return;
    rig.clock.advance(Math.max(0, next));
  }
}

/** Asks for each redrive, by a token of its own: after a crash nobody knows which were taken in. */
async function redriveAll(
  process: Process,
  { machines, redrives = 0 }: Scenario,
  world: World | undefined,
): Promise<void> {
  const { rig, line } = process;
  const executionArn = runArn(Object.keys(machines)[0] as string, 'run');
  for (let number = 1; number <= redrives && !line.isCut(); number++) {
    const redriven = rig.driver.executions.redrive({ executionArn, clientToken: `redrive-${number}` });
    await Promise.race([redriven, rig.quiet()]);
    await goOn(process, world);
  }
}

async function close({ rig, store }: Process): Promise<void> {
  await rig.driver.close();
  await store.close();
}

interface Line {
  readonly between: (store: Store) => Store;
  readonly writes: () => number;
  readonly isCut: () => boolean;
}

/** Makes writes durable one after the other, so that there is a moment between any two; from the crash on nothing comes back. */
function oneByOne(fault: Fault | undefined, crash: Crash | undefined): Line {
  let last: Promise<unknown> = Promise.resolve();
  let written = 0;
  let cut = false;
  const never = <T>(): Promise<T> => new Promise(() => {});
  const write = async <T>(go: (commit?: Commit) => Promise<T>, commit: Commit | undefined): Promise<T> => {
    if (cut) return never();
    const result = await go(commit && fault ? fault(commit, written + 1) : commit);
    written += 1;
    if (written !== crash?.after) return result;
    cut = true;
    return crash.told ? result : never();
  };
  return {
    writes: () => written,
    isCut: () => cut,
    between: (store) =>
      around(store, (call, go) => {
        if (call.kind === 'other') return cut ? never() : go();
        const turn = last.then(() => write(go, 'commit' in call ? call.commit : undefined));
        last = turn;
        return turn;
      }),
  };
}

async function look(store: Store, writes: number): Promise<Outcome> {
  const executions = await store.list({ limit: 1_000 });
  for (const { arn } of executions.filter(({ status }) => status === 'SUCCEEDED')) {
    const loaded = await store.load(arn);
    same(`what ${arn} leaves behind`, [...(loaded?.frames.keys() ?? []), ...(loaded?.outputs ?? [])], []);
  }
  const endings = executions.map((execution) => [execution.arn, endingOf(execution)] as const);
  return {
    executions: Object.fromEntries(endings.sort(([a], [b]) => (a < b ? -1 : 1))),
    attempts: callsDue(await histories(store)).begun,
    writes,
  };
}

function endingOf({ status, output, error, cause }: Execution): Ending {
  return { status, output: output?.text ?? null, error, cause: cause && timeless(cause) };
}

/** A child that began again after a crash has other times; nothing else of its account may differ. */
function timeless(cause: string): string {
  return cause.replaceAll(/"(StartDate|StopDate)":\d+/g, '"$1":0');
}

interface Told {
  readonly execution: Execution;
  readonly records: readonly HistoryRecord[];
}

async function histories(store: Store): Promise<Told[]> {
  const executions = await store.list({ limit: 1_000 });
  return Promise.all(
    executions.map(async (execution) => {
      const records = await store.history({ executionArn: execution.arn, limit: 100_000 });
      same(
        `event ids of ${execution.arn}`,
        records.map(({ id }) => id),
        Array.from({ length: execution.lastEventId }, (_, i) => i + 1),
      );
      return { execution, records };
    }),
  );
}

/** Reads off the histories, and off nothing that recovery reads, which calls were begun and which were not answered. */
function callsDue(told: readonly Told[]): { begun: number; inFlight: number; running: number } {
  const counts = told.map(({ execution, records }) => {
    const begun = records.filter(({ type }) => type === 'TaskStarted' || type === 'LambdaFunctionStarted');
    const followed = new Set(records.map(({ previous }) => previous));
    const open = isClosed(execution) ? [] : begun.filter(({ id }) => !followed.has(id));
    return { begun: begun.length, inFlight: open.length, running: isClosed(execution) ? 0 : 1 };
  });
  const sum = (of: 'begun' | 'inFlight' | 'running'): number => counts.reduce((total, count) => total + count[of], 0);
  return { begun: sum('begun'), inFlight: sum('inFlight'), running: sum('running') };
}

/** Tasks in flight whose children have ended: their outcomes lie in the outbox, so that nobody need be called. */
async function answersWaiting(store: Store): Promise<number> {
  const waiting = (await store.outbox()).map(async ({ body: { origin } }) => {
    if (origin.kind !== 'task') return 0;
    const frame = (await store.load(origin.executionArn))?.frames.get(origin.frame);
    return frame?.attempt === origin.attempt && frame.waiting.kind === 'task' && !frame.waiting.submitted ? 1 : 0;
  });
  return (await Promise.all(waiting)).reduce((sum: number, one) => sum + one, 0);
}

function callsOf(calls: readonly TaskRequest[]): string[] {
  return calls.map(({ task }) => `${task.executionArn} ${task.frame} ${task.attempt}`);
}

/** What was answered for good is not called again; what was in flight is called once more, by the same key. */
function compareCalls(
  first: readonly TaskRequest[],
  second: readonly TaskRequest[],
  inFlight: number,
  notBegun: number,
): void {
  const again = callsOf(second);
  same('attempts called twice after the crash', again.length - new Set(again).size, 0);
  same('calls after the crash', again.length, inFlight + notBegun);
  const keys = new Map(callsOf(first).map((name, i) => [name, first[i]?.idempotencyKey]));
  const others = again.filter((name, i) => keys.has(name) && keys.get(name) !== second[i]?.idempotencyKey);
  same('attempts called again by another key', others, []);
}

function same(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}
