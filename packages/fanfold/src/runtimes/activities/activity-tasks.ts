/**
 * Gives the tasks of activities to the workers that ask for them. A task is offered once it is durable that it is
 * scheduled, and given once it is durable that it is begun (I2); what a worker did not get, because it was gone by then,
 * another one gets.
 */
import { taskToken } from '../../interpreter/task-token.ts';
import type { ActivityTask, TakeParams } from '../../ports/activities.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TaskRef } from '../../ports/services.ts';
import type { Store } from '../../ports/store.ts';
import { noSuchActivity } from './activities.ts';
import { type ActivityLine, createActivityLine } from './activity-line.ts';
import type { Engine } from '../engine.ts';
import type { LiveExecution } from '../live-execution.ts';

export interface ActivityTasksParams {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
}

export interface ActivityTasks {
  /** Schedules a task, if there is such an activity. Resolves when that is durable. */
  schedule(live: LiveExecution, task: TaskRef, activityArn: string): Promise<void>;
  /** A task that was scheduled waits for a worker. */
  offer(task: TaskRef, activityArn: string): void;
  /** Nobody need do the task any more. */
  withdraw(task: TaskRef): void;
  /**
   * @param begun told of a task whose time has begun
   * @throws ServiceError ActivityDoesNotExist
   */
  take(params: TakeParams, begun: (live: LiveExecution, task: TaskRef) => void): Promise<ActivityTask | undefined>;
  /** Nobody waits for a task any more: all that do get none. */
  endPolls(): void;
}

/** How long a worker waits, as on AWS; milliseconds. */
const LONGEST_WAIT = 60_000;

export function createActivityTasks({ engine, store, clock }: ActivityTasksParams): ActivityTasks {
  const lines = new Map<string, ActivityLine<TaskRef>>();
  /** The activities of the tasks that stand in a line. */
  const offered = new Map<string, string>();
  const polls = new Set<() => void>();
  let ended = false;

  const lineOf = (activityArn: string): ActivityLine<TaskRef> => {
    const line = lines.get(activityArn) ?? createActivityLine<TaskRef>();
    lines.set(activityArn, line);
    return line;
  };
  const put = (how: 'offer' | 'giveBack', task: TaskRef, activityArn: string): void => {
    offered.set(keyOf(task), activityArn);
    lineOf(activityArn)[how](keyOf(task), task);
  };
  const offer: ActivityTasks['offer'] = (task, activityArn) => put('offer', task, ownArn(task, activityArn));

  /** What to give to the worker; nothing when the task is over, or the worker is gone. */
  const begin = async (
    task: TaskRef,
    { activityArn, workerName = null, signal }: Omit<TakeParams, 'workerName'> & { workerName?: string | null },
    begun: (live: LiveExecution, task: TaskRef) => void,
  ): Promise<ActivityTask | undefined> => {
    const { executionArn, frame, attempt } = task;
    offered.delete(keyOf(task));
    const live = engine.live.get(executionArn);
    const waiting = live?.frames.get(frame)?.waiting;
    if (!live?.awaitsTask(frame, attempt) || waiting?.kind !== 'task') return undefined;
    if (!signal.aborted && !waiting.activity?.begun) {
      await engine.step(live, { kind: 'activityBegun', frame, attempt, workerName, ...engine.outside() });
      if (!live.awaitsTask(frame, attempt)) return undefined;
      begun(live, task);
    }
    if (signal.aborted) {
      put('giveBack', task, activityArn);
      return undefined;
    }
    const { startedAt } = live.execution;
    const token = taskToken(engine.tokenSecret, { executionArn, startedAt, frame, attempt });
    return { taskToken: token, input: waiting.parameters.text };
  };

  return {
    schedule: async (live, task, activityArn) => {
      const { frame, attempt } = task;
      const isThere = (await store.activity(ownArn(task, activityArn))) !== undefined;
      if (!live.awaitsTask(frame, attempt)) return;
      const kind = isThere ? 'activityScheduled' : 'activityMissing';
      await engine.step(live, { kind, frame, attempt, ...engine.outside() });
      if (isThere && live.awaitsTask(frame, attempt)) offer(task, activityArn);
    },
    offer,
    withdraw: (task) => {
      const activityArn = offered.get(keyOf(task));
      if (activityArn === undefined) return;
      offered.delete(keyOf(task));
      const line = lineOf(activityArn);
      line.withdraw(keyOf(task));
      if (line.isEmpty()) lines.delete(activityArn);
    },
    take: async (params, begun) => {
      const { activityArn, signal } = params;
      if (!(await store.activity(activityArn))) throw noSuchActivity(activityArn);
      const patience = new AbortController();
      const leave = (): void => patience.abort();
      const disarm = clock.wake(clock.now() + LONGEST_WAIT, leave);
      signal.addEventListener('abort', leave);
      polls.add(leave);
      if (signal.aborted || ended) leave();
      try {
        while (!patience.signal.aborted) {
          const task = await lineOf(activityArn).next(patience.signal);
          const given = task && (await begin(task, params, begun));
          if (given) return given;
        }
        return undefined;
      } finally {
        disarm();
        signal.removeEventListener('abort', leave);
        polls.delete(leave);
        if (lineOf(activityArn).isEmpty()) lines.delete(activityArn);
      }
    },
    endPolls: () => {
      ended = true;
      for (const leave of polls) leave();
    },
  };
}

function keyOf({ executionArn, frame, attempt }: TaskRef): string {
  return `${executionArn}#${frame}:${attempt}`;
}

/** In a definition an activity is known by its name, whatever partition, region and account stand before it. */
function ownArn({ executionArn }: TaskRef, activityArn: string): string {
  const [, , , region, account] = executionArn.split(':');
  return `arn:aws:states:${region}:${account}:activity:${activityArn.split(':').slice(6).join(':')}`;
}
