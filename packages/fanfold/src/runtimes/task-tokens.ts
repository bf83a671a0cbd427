/** Takes the answers to tasks that wait for one, by their tokens. */
import type { StepEvent } from '../interpreter/event.ts';
import { readTaskToken, type TokenTask } from '../interpreter/task-token.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { Store } from '../ports/store.ts';
import type { TaskTokens } from '../ports/task-tokens.ts';
import type { Commands } from './commands.ts';
import type { Engine } from './engine.ts';
import { parseOutput } from './execution-input.ts';
import type { LiveExecution } from './live-execution.ts';

export interface TaskTokensParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly commands: Commands;
  /** Resolves once what was running is loaded. */
  readonly ready: () => Promise<void>;
}

export function createTaskTokens({ engine, store, commands, ready }: TaskTokensParams): TaskTokens {
  const taskOf = async (token: string): Promise<TokenTask> => {
    const task = readTaskToken(engine.tokenSecret, token);
    if (!task) throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    await ready();
    return task;
  };

  /** The execution of a task that is still awaited; found and used in one turn, so that of two answers one counts (I3). */
  const awaiting = ({ executionArn, startedAt, frame, attempt }: TokenTask): LiveExecution | undefined => {
    const live = engine.live.get(executionArn);
    return live?.execution.startedAt === startedAt && live.awaitsTask(frame, attempt) ? live : undefined;
  };

  const refusal = async ({ executionArn, startedAt }: TokenTask): Promise<ServiceError> => {
    // What the task has come to must not be told before it is durable (I2).
    await engine.live.get(executionArn)?.saved;
    const execution = await store.describe(executionArn);
    return execution?.startedAt === startedAt
      ? new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'")
      : new ServiceError('TaskDoesNotExist', "Task Does Not Exist: 'Its execution was deleted'");
  };

  const settle = async (task: TokenTask, outcome: Outcome): Promise<void> => {
    const live = awaiting(task);
    if (!live) throw await refusal(task);
    const { frame, attempt } = task;
    live.settle(frame, attempt);
    await engine.step(live, { ...outcome, frame, attempt, ...engine.outside() });
  };

  return {
    succeed: async ({ taskToken, output }) => {
      const task = await taskOf(taskToken);
      await settle(task, { kind: 'taskSucceeded', output: parseOutput(output) });
    },
    fail: async ({ taskToken, error = null, cause = null }) => {
      await settle(await taskOf(taskToken), { kind: 'taskFailed', error, cause });
    },
    heartbeat: async ({ taskToken }) => {
      const task = await taskOf(taskToken);
      const live = awaiting(task);
      if (!live) throw await refusal(task);
      commands.beat(live, task.frame, task.attempt);
    },
  };
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Outcome = Without<
  Extract<StepEvent, { kind: 'taskSucceeded' | 'taskFailed' }>,
  'frame' | 'attempt' | 'at' | 'seed' | 'window' | 'tokenSecret'
>;
