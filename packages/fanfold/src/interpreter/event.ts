/** What comes into `step` from outside, and what it asks for. */
import type { Origin } from './execution.ts';
import type { FormerAttempts, FrameId } from './frame.ts';
import type { Value } from './value.ts';

/** All that an event brings from the outside world: `step` has no clock and no randomness of its own. */
export interface Outside {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** 32 random bits; `States.UUID` and the like are made from them. */
  readonly seed: number;
  /** The most iterations of one Map that the driver wants at once. */
  readonly window: number;
  /** What task tokens are made with. Without it nobody outside can answer a task, and no task has a token. */
  readonly tokenSecret?: string;
}

export type StepEvent = Outside &
  (
    | { readonly kind: 'start' }
    /** `step` had stopped to let others run; it goes on. */
    | { readonly kind: 'continue' }
    | { readonly kind: 'taskSubmitted'; readonly frame: FrameId; readonly attempt: number; readonly output: Value }
    | { readonly kind: 'taskSucceeded'; readonly frame: FrameId; readonly attempt: number; readonly output: Value }
    | {
        readonly kind: 'taskFailed';
        readonly frame: FrameId;
        readonly attempt: number;
        readonly error: string | null;
        readonly cause: string | null;
        /** The task could not begin with its parameters. */
        readonly rejected?: true;
      }
    /** There is such an activity; workers may take the task. */
    | { readonly kind: 'activityScheduled'; readonly frame: FrameId; readonly attempt: number }
    /** There is no such activity. */
    | { readonly kind: 'activityMissing'; readonly frame: FrameId; readonly attempt: number }
    /** A worker has taken the task. */
    | {
        readonly kind: 'activityBegun';
        readonly frame: FrameId;
        readonly attempt: number;
        readonly workerName: string | null;
      }
    /** The engine was started again; a task that nobody works on any more is called again. */
    | { readonly kind: 'restart'; readonly frame: FrameId; readonly attempt: number }
    /** No heartbeat came within HeartbeatSeconds. */
    | { readonly kind: 'heartbeatMissed'; readonly frame: FrameId; readonly attempt: number }
    /** The map run of a distributed Map has ended. */
    | { readonly kind: 'mapRunSucceeded'; readonly frame: FrameId; readonly attempt: number; readonly output: Value }
    | {
        readonly kind: 'mapRunFailed';
        readonly frame: FrameId;
        readonly attempt: number;
        readonly error: string;
        readonly cause: string | null;
      }
    /** The time of a Wait, a Retry or a task's TimeoutSeconds has come; the frame knows which. */
    | { readonly kind: 'timer'; readonly frame: FrameId; readonly attempt: number }
    /** The execution's own TimeoutSeconds is over. */
    | { readonly kind: 'deadline' }
    | { readonly kind: 'stop'; readonly error: string | null; readonly cause: string | null }
    /** An execution that did not succeed goes on from where it failed. */
    | ({ readonly kind: 'redrive' } & RedriveParams)
  );

export interface RedriveParams {
  readonly clientToken: string | null;
  /** Hash of the definition that the machine given to this step was compiled from, where it is not the execution's own. */
  readonly definition: string | null;
  /** Who waits for the execution from now on; null leaves that as it is. */
  readonly origin: Origin | null;
  /** The task that had started the execution does not wait for it any more. */
  readonly alone: boolean;
}

export type Command =
  | {
      readonly kind: 'task';
      readonly frame: FrameId;
      readonly attempt: number;
      readonly state: string;
      readonly resource: string;
      readonly parameters: Value;
      readonly idempotencyKey: string;
      readonly heartbeatSeconds: number | null;
      /** Set where a redrive calls it: the attempts that it goes on from. */
      readonly redriveOf?: FormerAttempts;
    }
  /** Answer with an `activityScheduled` event, or with `activityMissing`. */
  | { readonly kind: 'activity'; readonly frame: FrameId; readonly attempt: number; readonly activityArn: string }
  /**
   * Answer with a `mapRunSucceeded` or a `mapRunFailed` event. What the run is to do stands in the frame; one that is there
   * already goes on.
   */
  | { readonly kind: 'mapRun'; readonly frame: FrameId; readonly attempt: number }
  /** Answer with a `timer` event at or after `at`. */
  | { readonly kind: 'timer'; readonly frame: FrameId; readonly attempt: number; readonly at: number }
  /** The frame's task, map run or timer is not awaited any more. */
  | { readonly kind: 'cancel'; readonly frame: FrameId; readonly attempt: number }
  /** Answer with a `continue` event after others had their turn. */
  | { readonly kind: 'continue' };
