/** One process of a simulated history: a driver, its clock, its way to the store, and the calls that it has made. */
import type { Execution, OutsideOrigin } from '../../interpreter/execution.ts';
import { Value } from '../../interpreter/value.ts';
import type { JsonObject } from '../../json.ts';
import type { TaskOutcome, TaskRequest } from '../../ports/services.ts';
import type { TaskTokens } from '../../ports/task-tokens.ts';
import type { Store } from '../../ports/store.ts';
import type { GeneratedMachine } from '../../testing/machines.fixture.ts';
import type { Driver } from '../driver.ts';
import { createRig, type Rig, type TestClock, testClock } from '../driver.fixture.ts';
import { createDeadlineCheck } from './deadlines.fixture.ts';
import type { Fault } from './faults.fixture.ts';
import { demand } from './broken.fixture.ts';
import { type Ledger, nameOf } from './ledger.fixture.ts';
import { simulatedSinks, simulatedSources } from './files.fixture.ts';
import { createLine, type Line } from './line.fixture.ts';

export type FinalOutcome = Exclude<TaskOutcome, { kind: 'submitted' }>;

/** A call that was not answered yet; one without an outcome never is. */
export interface Call {
  readonly request: TaskRequest;
  outcome: TaskOutcome | undefined;
  readonly answer: (outcome: TaskOutcome) => void;
}

export interface ProcessParams {
  readonly family: GeneratedMachine;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly now: number;
  readonly window: number;
  /** How many processes there were before. */
  readonly number: number;
  readonly fault: Fault;
  /** Work that is handed over to somebody outside. */
  readonly handOver: (request: TaskRequest, outcome: FinalOutcome | undefined, token?: string) => void;
}

export interface Process {
  readonly rig: Rig;
  readonly tokens: TaskTokens;
  readonly take: Driver['takeActivityTask'];
  readonly clock: TestClock;
  readonly line: Line;
  /** Calls that were not answered yet. */
  readonly open: Set<Call>;
  /** Looks at all that has happened since it was asked last. @throws Broken */
  check(): void;
  /** Lets everything come to rest that needs nobody else. */
  quiet(): Promise<void>;
}

/** The same in every process: tokens outlive it. */
export const TOKEN_SECRET = 'secret';

const HANDED_OVER: TaskOutcome = { kind: 'submitted', output: Value.ofText('{"JobId":"1"}') };

export function startProcess(params: ProcessParams): Process {
  const { family, ledger, store, now, window, number, fault, handOver } = params;
  const machineTime = testClock(now);
  const clock = fault.clock?.(machineTime, number) ?? machineTime;
  const checkDeadlines = createDeadlineCheck(ledger);
  const line = createLine({
    wanted: (write) => checkDeadlines(write, machineTime.now()),
    written: (write) => ledger.written(write),
  });
  const open = new Set<Call>();
  const called = new Set<string>();
  let seen = 0;

  const wait = (request: TaskRequest, outcome: TaskOutcome | undefined): Promise<TaskOutcome> =>
    new Promise((resolve) => {
      const call: Call = {
        request,
        outcome,
        answer: (given) => {
          open.delete(call);
          resolve(given);
        },
      };
      open.add(call);
    });
  const planned = ({ stateName, parameters }: TaskRequest): FinalOutcome | undefined =>
    outcomeOf(family, stateName, parameters);
  const through = (real: Store): Store => fault.above?.(line.between(real)) ?? line.between(real);
  const sources = simulatedSources(clock);
  const rig = createRig({
    itemSources: fault.sources?.(sources, number) ?? sources,
    resultSinks: simulatedSinks(ledger.mapRuns.files, clock),
    store: fault.below?.(store, number) ?? store,
    clock,
    window,
    eventsPerTurn: window,
    tokenSecret: fault.tokenSecret?.(number) ?? TOKEN_SECRET,
    between: through,
    functions: {
      work: (_, request) => wait(request, planned(request)),
      token: (event, request) => {
        handOver(request, planned(request), String((event as JsonObject)['token']));
        return wait(request, HANDED_OVER);
      },
      'submitJob.sync': (_, request) => {
        handOver(request, planned(request));
        return wait(request, HANDED_OVER);
      },
    },
    onClosed: async (origin: OutsideOrigin, execution: Execution, { tell }: Rig) => {
      ledger.closed(execution);
      await tell(origin, execution);
    },
  });

  return {
    rig,
    take: fault.take?.(rig.driver.takeActivityTask) ?? rig.driver.takeActivityTask,
    tokens: fault.tokens?.(rig.driver.tokens) ?? rig.driver.tokens,
    clock,
    line,
    open,
    check: () => {
      for (const request of rig.calls.slice(seen)) {
        ledger.called(request);
        const name = `${nameOf(request.task)} ${ledger.mapRuns.redrivesOf(request.task.executionArn)}`;
        demand(!called.has(name), `I3: ${name} is called twice by one process`);
        called.add(name);
      }
      seen = rig.calls.length;
      demand(rig.fatal.length === 0, `The engine ended: ${String(rig.fatal[0])}`);
      demand(rig.logger.lines.length === 0, `The log says ${JSON.stringify(rig.logger.lines[0])}`);
    },
    quiet: async () => {
      do await new Promise(setImmediate);
      while (line.busy() > 0);
    },
  };
}

/** What a task comes to; undefined when nobody ever hears of it again. */
export function outcomeOf(family: GeneratedMachine, state: string, parameters: Value): FinalOutcome | undefined {
  const answer = family.answer({ state, parameters });
  if (!answer) return undefined;
  if ('error' in answer) return { kind: 'failed', error: answer.error, cause: answer.cause ?? '' };
  return { kind: 'succeeded', output: Value.ofJson(answer.output) };
}
