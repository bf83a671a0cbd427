/** Runs invocations in the worker: makes the context, calls the handler, sends what comes of it. */

import type { Json } from '../../json.ts';
import type { FunctionContext, FunctionHandler } from '../../ports/functions.ts';
import type { Links } from '../../ports/links.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Tables } from '../../ports/tables.ts';
import {
  type AbortReason,
  type Batch,
  type FromWorker,
  type FunctionEntry,
  monotonic,
  type Thrown,
  type ToWorker,
} from './protocol.ts';
import { MOST_MEMORY_MB } from './environment.ts';
import { describeThrown } from './thrown.ts';
import { type Modules, RuntimeFailure } from './worker-modules.ts';
import { flushOutput } from './worker-output.ts';
import type { RemoteMethod } from './worker-remote.ts';
import { inScope, type Scope } from './worker-scope.ts';
import { PassingMap } from '../../passing-map.ts';

/** A wait for the worker's loop that is longer than this is made known, so that it does not count. */
const NOTICEABLE_MS = 20;

export interface RunnerParams {
  readonly functions: Readonly<Record<string, FunctionEntry>>;
  readonly modules: Modules;
  readonly progress: Int32Array;
  readonly services: {
    readonly objects: Objects;
    readonly tables: Tables;
    readonly links: Links;
    readonly sendMail: RemoteMethod;
  };
  readonly batch: Batch<FromWorker>;
}

export interface Runner {
  invoke(message: Invoke): void;
  abort(id: number, reason: AbortReason): void;
  /** Ends a running invocation with what was thrown outside its handler's reach. False when it is not running. */
  fail(id: number, thrown: Thrown): boolean;
}

type Invoke = Extract<ToWorker, { kind: 'invoke' }>;

interface Running {
  readonly message: Invoke;
  readonly entry: FunctionEntry;
  readonly scope: Scope;
  startedAt: number;
  mails: number;
  controller: AbortController | undefined;
  abortReason: AbortReason | undefined;
}

export function createRunner(params: RunnerParams): Runner {
  const { functions, modules, progress, services, batch } = params;
  const running = new PassingMap<number, Running>();

  const invoke = (message: Invoke): void => {
    const { id, name, requestId } = message;
    Atomics.store(progress, 0, id);
    const entry = functions[name];
    if (!entry) return;
    const startedAt = monotonic();
    const scope: Scope = { id, functionName: name, requestId, aborted: false, unfinished: { stdout: '', stderr: '' } };
    const call: Running = {
      message,
      entry,
      scope,
      startedAt,
      mails: 0,
      controller: undefined,
      abortReason: undefined,
    };
    running.set(id, call);
    if (startedAt - message.sentAt > NOTICEABLE_MS) {
      batch.push({ kind: 'started', id });
      batch.flush();
    }
    const handler = modules.loaded(name);
    if (handler) inScope(scope, () => void run(call, handler));
    else void loadAndRun(call);
  };
  const loadAndRun = async (call: Running): Promise<void> => {
    try {
      const handler = await modules.load(call.message.name);
      call.startedAt = monotonic();
      if (!call.scope.aborted) inScope(call.scope, () => void run(call, handler));
    } catch (error) {
      finish(call, { kind: 'threw', id: call.message.id, ...thrownOf(error) });
    }
  };
  const run = async (call: Running, handler: FunctionHandler): Promise<void> => {
    const { id, name, payload } = call.message;
    try {
      const result = await perform(handler, JSON.parse(payload) as Json, createContext(call, services));
      finish(call, { kind: 'returned', id, payload: writeResult(name, result) });
    } catch (error) {
      finish(call, { kind: 'threw', id, ...thrownOf(error) });
    }
  };
  const finish = (call: Running, message: FromWorker): void => {
    flushOutput(batch, call.scope);
    if (running.delete(call.message.id)) batch.push(message);
  };
  return {
    invoke,
    abort: (id, reason) => {
      const call = running.get(id);
      if (!call) return;
      running.delete(id);
      call.scope.aborted = true;
      call.abortReason = reason;
      if (call.controller) inScope(call.scope, () => call.controller?.abort(abortError(call)));
    },
    fail: (id, thrown) => {
      const call = running.get(id);
      if (call) finish(call, { kind: 'threw', id, ...thrown });
      return call !== undefined;
    },
  };
}

/** A handler that takes three things gets the old callback of Lambda; it may return a promise all the same. */
function perform(handler: FunctionHandler, event: Json, context: FunctionContext): unknown {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result?: unknown): void =>
      error === null || error === undefined ? resolve(result) : reject(error);
    const returned = (handler as CallbackHandler)(event, context, callback);
    if (isThenable(returned)) returned.then(resolve, reject);
  });
}

type CallbackHandler = (
  event: Json,
  context: FunctionContext,
  callback: (error: unknown, result?: unknown) => void,
) => unknown;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function createContext(call: Running, services: RunnerParams['services']): FunctionContext {
  const { message, entry } = call;
  const { idempotencyKey } = message;
  return {
    functionName: message.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: entry.arn,
    memoryLimitInMB: String(entry.memoryMb ?? MOST_MEMORY_MB),
    logGroupName: `/aws/lambda/${message.name}`,
    logStreamName: '$LATEST',
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: message.requestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(call.startedAt + entry.timeoutMs - monotonic())),
    // Made on demand: few handlers look at it.
    get signal() {
      if (!call.controller) {
        call.controller = new AbortController();
        if (call.scope.aborted) call.controller.abort(abortError(call));
      }
      return call.controller.signal;
    },
    idempotencyKey,
    objects: services.objects,
    tables: services.tables,
    // The n-th mail of an invocation is the n-th mail of its repetition.
    mail: {
      send: async (mail) =>
        (await services.sendMail(mail, `${idempotencyKey}/mail/${call.mails++}`)) as { readonly messageId: string },
    },
    links: services.links,
  };
}

function thrownOf(error: unknown): Thrown {
  return error instanceof RuntimeFailure ? error.thrown : describeThrown(error);
}

function abortError({ abortReason, entry }: Running): DOMException {
  return abortReason === 'stop'
    ? new DOMException('The invocation was stopped.', 'AbortError')
    : new DOMException(`Task timed out after ${(entry.timeoutMs / 1000).toFixed(2)} seconds`, 'TimeoutError');
}

function writeResult(name: string, result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (error) {
    const { errorMessage, stackTrace } = describeThrown(error);
    throw new RuntimeFailure({
      errorType: 'Runtime.MarshalError',
      errorMessage: `The result of ${name} cannot be written as JSON: ${errorMessage}`,
      stackTrace,
    });
  }
}
