/** What a Task state calls. */
import type { Value } from '../interpreter/value.ts';

/** Names the task whose outcome is awaited. Of an attempt that is not awaited any more the outcome is dropped (I3). */
export interface TaskRef {
  readonly executionArn: string;
  readonly frame: string;
  readonly attempt: number;
}

export interface TaskRequest {
  readonly task: TaskRef;
  /** The state's Resource. */
  readonly resource: string;
  readonly parameters: Value;
  readonly stateName: string;
  /** The same for every attempt of one entry of the state. */
  readonly idempotencyKey: string;
  /** Set where a redrive calls the task: the attempts of this entry of the state that it goes on from, the newest first. */
  readonly redriveOf?: readonly number[];
  /** Aborted when the outcome is not awaited any more. */
  readonly signal: AbortSignal;
  /** Set where somebody looks on: told what goes out and what comes back by HTTP, without secrets unless they are asked for. */
  readonly trace?: { readonly revealSecrets: boolean; tell(exchange: HttpExchange): void };
}

/** As TestState shows it: all of it texts. */
export interface HttpExchange {
  readonly request: {
    readonly protocol: string;
    readonly method: string;
    readonly url: string;
    readonly headers: string;
    readonly body?: string;
  };
  readonly response?: {
    readonly protocol: string;
    readonly statusCode: string;
    readonly statusMessage: string;
    readonly headers: string;
    readonly body: string;
  };
}

export type TaskOutcome =
  | { readonly kind: 'succeeded'; readonly output: Value }
  | {
      readonly kind: 'failed';
      readonly error: string;
      readonly cause?: string;
      /** The parameters are none that such a task could begin with: that ends the execution, and nobody can catch it. */
      readonly rejected?: true;
    }
  /** The work was handed over; its outcome comes to the execution as a message of its own. */
  | { readonly kind: 'submitted'; readonly output: Value };

export interface Services {
  /** Performs a task. What goes wrong is an outcome; it throws only what ends the engine, a disk that refuses. */
  perform(request: TaskRequest): Promise<TaskOutcome>;
}

/** One family of resources. */
export interface Service {
  perform(request: TaskRequest): Promise<TaskOutcome>;
}
