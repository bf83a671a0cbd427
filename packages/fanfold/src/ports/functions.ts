/** What a function is given and what may call it. */
import type { Json } from '../json.ts';
import type { Links } from './links.ts';
import type { MailMessage } from './mail.ts';
import type { Objects } from './objects.ts';
import type { Tables } from './tables.ts';

/** The second argument of a handler: AWS Lambda's context, and Fanfold's services beside it. */
export interface FunctionContext {
  readonly functionName: string;
  /** `$LATEST`: a function has one version. */
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** As a text; 10240 where there is no limit. */
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Means nothing here: a result is given as soon as it is there. */
  readonly callbackWaitsForEmptyEventLoop: boolean;
  /** One for each invocation. */
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
  /** Aborted when the time is over or the execution was stopped. */
  readonly signal: AbortSignal;
  /**
   * The same for every invocation of one entry of one Task state, retries and invocations after a crash included; absent
   * when no execution called. Whatever a function makes outside (a folder, a mail) is named after it.
   */
  readonly idempotencyKey: string;
  readonly objects: Objects;
  readonly tables: Tables;
  readonly mail: { send(message: MailMessage): Promise<{ readonly messageId: string }> };
  readonly links: Links;
}

export type FunctionHandler<Event = Json, Result = unknown> = (
  event: Event,
  context: FunctionContext,
) => Result | Promise<Result>;

export interface InvokeParams {
  /** Name or ARN; of an ARN only the name counts. */
  readonly functionName: string;
  /** The event as JSON text. */
  readonly payload: string;
  readonly idempotencyKey: string;
  /** Ends the invocation from outside. */
  readonly signal?: AbortSignal;
  /** The ARN of the execution that calls: its log lines bear it. */
  readonly execution?: string;
  /** What the function sees as `awsRequestId`. @defaultValue a random UUID */
  readonly requestId?: string;
  /** Told each line that the function writes while this invocation runs. */
  readonly onLog?: (line: string) => void;
}

/** What an invocation came to, as Lambda reports it. */
export type InvokeResult =
  | { readonly kind: 'returned'; readonly payload: string }
  | {
      readonly kind: 'threw';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly stackTrace: readonly string[];
      /** What the function's runtime has answered, where it runs elsewhere: the Cause of the task as it is. */
      readonly payload?: string;
    }
  | { readonly kind: 'timedOut'; readonly seconds: number }
  | {
      readonly kind: 'exited';
      readonly message: string;
      /** @defaultValue Runtime.ExitError */
      readonly errorType?: string;
    };

export interface Functions {
  /** @throws ServiceError ResourceNotFoundException when there is no such function; DiskError when the disk refuses what it writes */
  invoke(params: InvokeParams): Promise<InvokeResult>;
  /** Whether this name is a function. */
  has(functionName: string): boolean;
  close(): Promise<void>;
}
