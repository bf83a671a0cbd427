/**
 * What the host and a worker thread say to each other. Both sides post arrays of these: what comes up
 * together goes together. Payloads and results are JSON text: it crosses as one string, and only the worker parses it.
 */

/** What holds for every invocation of a function. */
export interface FunctionLimits {
  readonly arn: string;
  readonly timeoutMs: number;
  /** MB. @defaultValue no limit */
  readonly memoryMb?: number;
}

/** One function as a worker has to know it. */
export interface FunctionEntry extends FunctionLimits {
  /** `file:` URL of the module. */
  readonly url: string;
  readonly exportName: string;
}

/** The first message to a worker thread; it does nothing before. */
export interface WorkerSettings {
  /** What its functions see as `process.env`. */
  readonly env: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, FunctionEntry>>;
  /** `file:` URL of a module whose `createObjects` makes Objects from a (remote) index. */
  readonly objectsModule: string;
  /** One 32-bit number: the id of the last invocation that the worker took up. Readable while its loop is blocked. */
  readonly progress: SharedArrayBuffer;
  /** @defaultValue its requests are nobody's */
  readonly session?: WorkerSession;
}

/** By what the server knows the requests of this worker. */
export interface WorkerSession {
  readonly token: string;
  /** The address of the server. */
  readonly endpoint: string;
}

/** Why an invocation is ended from outside. */
export type AbortReason = 'timeout' | 'stop';

export type ToWorker =
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly name: string;
      readonly payload: string;
      readonly idempotencyKey: string;
      readonly requestId: string;
      /** On the clock of {@link monotonic}, which all threads share. */
      readonly sentAt: number;
    }
  | { readonly kind: 'abort'; readonly id: number; readonly reason: AbortReason }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: RemoteFailure };

export type FromWorker =
  | { readonly kind: 'loaded'; readonly name: string }
  /** Sent only when the invocation had to wait for the worker's loop: its time counts from here. */
  | { readonly kind: 'started'; readonly id: number }
  | { readonly kind: 'returned'; readonly id: number; readonly payload: string }
  | ({ readonly kind: 'threw'; readonly id: number } & Thrown)
  /** The worker ends, and this invocation is the one that ended it. */
  | { readonly kind: 'culprit'; readonly id: number; readonly message: string }
  /** Something was thrown that no handler could catch: the worker finishes what it has and gets no more. */
  | { readonly kind: 'tainted' }
  /** The disk refused what a function had written. Whoever wrote it hears no more of it. */
  | { readonly kind: 'diskFailed'; readonly path: string; readonly message: string }
  | { readonly kind: 'pong'; readonly id: number }
  /** `invocation` is that which calls; 0 outside of all. */
  | ({ readonly kind: 'call'; readonly id: number; readonly invocation: number } & RemoteCall)
  | ({ readonly kind: 'log'; readonly id: number } & LogLine);

/** A handler's failure, as AWS Lambda's runtime for Node describes it. */
export interface Thrown {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** One line that a function wrote. */
export interface LogLine {
  /** Absent for what was written outside every invocation, such as by a module while it loads. */
  readonly functionName?: string;
  readonly requestId?: string;
  /** The execution that has called the function. */
  readonly execution?: string;
  /** `runtime` is what Lambda itself writes around an invocation. */
  readonly stream: 'stdout' | 'stderr' | 'runtime';
  readonly line: string;
}

/** What a function may reach on the host. */
export type RemoteTarget = 'objectIndex' | 'tables' | 'mail' | 'links';

export interface RemoteCall {
  readonly target: RemoteTarget;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A refusal on its way to the worker. With a `code` it was a ServiceError. */
export interface RemoteFailure {
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
}

/** Milliseconds on a clock that never jumps and is the same in all threads of the process. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Compares ids that wrap around at 32 bits. */
export function isAfter(id: number, other: number): boolean {
  return ((id - other) | 0) > 0;
}

/**
 * Gathers messages and posts them as one array once the running callback, and the promises that it settled, are done.
 * (Against one array for each turn of the loop: the same throughput, and no wait when there is nothing else to do.)
 */
export interface Batch<Message> {
  push(message: Message): void;
  /** Posts at once what was gathered. */
  flush(): void;
}

/** @param unclonable told of a message that cannot cross between threads; the others of its batch still do */
export function createBatch<Message>(
  post: (messages: readonly Message[]) => void,
  unclonable: (message: Message, error: Error) => void,
): Batch<Message> {
  let messages: Message[] = [];
  const flush = (): void => {
    if (messages.length === 0) return;
    const full = messages;
    messages = [];
    try {
      post(full);
    } catch {
      for (const message of full) postOne(message);
    }
  };
  const postOne = (message: Message): void => {
    try {
      post([message]);
    } catch (error) {
      unclonable(message, error as Error);
    }
  };
  return {
    flush,
    push: (message) => {
      if (messages.push(message) === 1) process.nextTick(flush);
    },
  };
}
