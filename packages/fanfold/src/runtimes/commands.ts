/** Performs what `step` asks for, once that is durable: calls services, sets timers, gives up what is not awaited any more. */
import type { Command, Outside, StepEvent } from '../interpreter/event.ts';
import type { FormerAttempts, FrameId } from '../interpreter/frame.ts';
import type { Value } from '../interpreter/value.ts';
import type { Clock } from '../ports/clock.ts';
import type { Services, TaskOutcome, TaskRef, TaskRequest } from '../ports/services.ts';
import type { ActivityTasks } from './activities/activity-tasks.ts';
import type { Children } from './children.ts';
import type { Engine } from './engine.ts';
import type { LiveExecution } from './live-execution.ts';
import type { MapRuns } from './map-runs/map-runs.ts';
import type { OpenAttempt } from './open-attempt.ts';
import { createTaskTurns } from './task-turns.ts';

export interface CommandsParams {
  readonly engine: Engine;
  readonly services: Services;
  readonly children: Children;
  readonly activityTasks: ActivityTasks;
  readonly mapRuns: Pick<MapRuns, 'begin' | 'cancel'>;
  readonly clock: Clock;
  /** The most tasks that are performed at once. */
  readonly taskConcurrency: number;
}

export interface Commands {
  perform(live: LiveExecution, command: Command): void;
  /** The task is alive: from now on it has its HeartbeatSeconds again. They are not stored. */
  beat(live: LiveExecution, frame: FrameId, attempt: number): void;
  /** Nothing is performed for it any more. */
  forget(live: LiveExecution): void;
  /** How many tasks were called. */
  tasks(): number;
}

type TaskCommand = Extract<Command, { kind: 'task' }>;

type TimerCommand = Extract<Command, { kind: 'timer' }>;

export function createCommands(params: CommandsParams): Commands {
  const { engine, services, children, activityTasks, mapRuns, clock, taskConcurrency } = params;
  let tasks = 0;

  const turns = createTaskTurns<LiveExecution, TaskCommand>(taskConcurrency, (live, command) => {
    // It may have been given up, in the same step or since: a sibling failed.
    if (engine.isOver || !live.awaitsTask(command.frame, command.attempt)) return false;
    task(live, command);
    return true;
  });

  const task = (live: LiveExecution, command: TaskCommand): void => {
    const { frame, attempt } = command;
    tasks += 1;
    const open = live.open(frame, attempt);
    if (command.heartbeatSeconds !== null) beat(live, frame, attempt);
    const answer = services.perform(new TaskCall(refOf(live, command), command, open));
    open.answered = answer;
    answer.then(
      (outcome) => answered(live, command, open, outcome),
      (error: unknown) => engine.fatal(error),
    );
  };

  const answered = (live: LiveExecution, command: TaskCommand, open: OpenAttempt, outcome: TaskOutcome): void => {
    const { frame, attempt } = command;
    try {
      turns.done();
      if (outcome.kind !== 'submitted') live.settle(frame, attempt);
      if (!open.cancelled) engine.post(live, outcomeEvent(frame, attempt, outcome, engine.outside()));
    } catch (error) {
      engine.fatal(error);
    }
  };

  const beat: Commands['beat'] = (live, frame, attempt) => {
    const waiting = live.frames.get(frame)?.waiting;
    if (waiting?.kind !== 'task' || waiting.heartbeatSeconds === null || !live.awaitsTask(frame, attempt)) return;
    // Nobody works on it yet.
    if (waiting.activity?.begun === false) return;
    const open = live.open(frame, attempt);
    open.disarmHeartbeat();
    open.disarmHeartbeat = clock.wake(clock.now() + waiting.heartbeatSeconds * 1000, () =>
      engine.post(live, { kind: 'heartbeatMissed', frame, attempt, ...engine.outside() }),
    );
  };

  const timer = (live: LiveExecution, { frame, attempt, at }: TimerCommand): void => {
    if (!live.awaits(frame, attempt)) return;
    const open = live.open(frame, attempt);
    open.disarm = clock.wake(at, () => {
      // A task's stays open until the step has cancelled it: its signal is still to be aborted.
      if (!live.awaitsTask(frame, attempt)) live.settle(frame, attempt);
      engine.post(live, { kind: 'timer', frame, attempt, ...engine.outside() });
    });
  };

  return {
    tasks: () => tasks,
    forget: turns.forget,
    beat,
    perform: (live, command) => {
      switch (command.kind) {
        case 'task':
          return turns.take(live, command);
        case 'activity':
          activityTasks
            .schedule(live, refOf(live, command), command.activityArn)
            .catch((error: unknown) => engine.fatal(error));
          return;
        case 'mapRun':
          if (live.awaitsMapRun(command.frame, command.attempt)) mapRuns.begin(live, command.frame, command.attempt);
          return;
        case 'timer':
          return timer(live, command);
        case 'cancel':
          live.cancel(command.frame, command.attempt);
          activityTasks.withdraw(refOf(live, command));
          mapRuns.cancel(refOf(live, command));
          return children.stop(refOf(live, command));
        case 'continue':
          return clock.soon(() => engine.post(live, { kind: 'continue', ...engine.outside() }));
        default:
          return command satisfies never;
      }
    },
  };
}

/** A class, because the signal is made for those that look at it. */
class TaskCall implements TaskRequest {
  readonly task: TaskRef;
  readonly resource: string;
  readonly parameters: Value;
  readonly stateName: string;
  readonly idempotencyKey: string;
  declare readonly redriveOf?: FormerAttempts;
  readonly #open: OpenAttempt;

  constructor(task: TaskRef, command: TaskCommand, open: OpenAttempt) {
    this.task = task;
    this.resource = command.resource;
    this.parameters = command.parameters;
    this.stateName = command.state;
    this.idempotencyKey = command.idempotencyKey;
    if (command.redriveOf) this.redriveOf = command.redriveOf;
    this.#open = open;
  }

  get signal(): AbortSignal {
    return this.#open.signal;
  }
}

function refOf(live: LiveExecution, { frame, attempt }: Omit<TaskRef, 'executionArn'>): TaskRef {
  return { executionArn: live.execution.arn, frame, attempt };
}

export function outcomeEvent(
  frame: string,
  attempt: number,
  outcome: TaskOutcome,
  outside: Required<Outside>,
): StepEvent {
  switch (outcome.kind) {
    case 'succeeded': {
      // Field by field: of all events this one comes most often.
      const { at, seed, window, tokenSecret } = outside;
      return { kind: 'taskSucceeded', frame, attempt, output: outcome.output, at, seed, window, tokenSecret };
    }
    case 'submitted':
      return { kind: 'taskSubmitted', frame, attempt, output: outcome.output, ...outside };
    case 'failed':
      return {
        kind: 'taskFailed',
        frame,
        attempt,
        error: outcome.error,
        cause: outcome.cause ?? null,
        ...(outcome.rejected && { rejected: true }),
        ...outside,
      };
    default:
      return outcome satisfies never;
  }
}
