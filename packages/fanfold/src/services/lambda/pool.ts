/**
 * Functions, run in worker threads of this process. Each worker runs many invocations at once; functions with the same
 * environment share workers. The bytes of objects are read and written by the workers themselves.
 */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { Functions, InvokeParams } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createDeadlines } from './deadlines.ts';
import { environmentKey, functionEnvironment } from './environment.ts';
import { parseFunctionName } from './function-name.ts';
import { createGroup, type Group } from './group.ts';
import { createInvocation, type Flight, type Settled } from './invocation.ts';
import type { FunctionEntry } from './protocol.ts';
import type { FunctionHost } from './thread.ts';

export type { LogLine } from './protocol.ts';
export type { FunctionHost } from './thread.ts';

export interface FunctionParams {
  /** Absolute path of the module: TypeScript (types are stripped, nothing is compiled) or JavaScript, ESM or CommonJS. */
  readonly module: string;
  /** @defaultValue handler */
  readonly exportName?: string;
  readonly timeoutSeconds: number;
  /** Added to the few variables that functions see. Functions with different ones do not share workers. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CreateFunctionsParams {
  readonly functions: Readonly<Record<string, FunctionParams>>;
  /** What functions reach through their context, and where their output goes. */
  readonly host: FunctionHost;
  /** Module whose `createObjects(index)` makes the Objects of the context, in the worker. */
  readonly objectsModule: URL;
  /**
   * Worker threads for each environment; started when needed.
   * @defaultValue one less than there are cores, at least 1
   */
  readonly workers?: number;
  /** Heap of one worker, in MB. @defaultValue what Node gives a process */
  readonly memoryMb?: number;
  readonly region: string;
  readonly account: string;
  /** Milliseconds; only differences count. @defaultValue a clock that never jumps */
  readonly now?: () => number;
}

/** Functions whose modules can be loaded anew. */
export interface ReloadableFunctions extends Functions {
  /** New invocations run the modules as they are on disk now; the ones under way finish with the old. */
  reload(): Promise<void>;
}

/**
 * After `close` nothing is invoked any more, and invocations under way never settle: an execution must not take the end
 * of the engine for the failure of a function. They run again when the engine comes back.
 */
export function createFunctions(params: CreateFunctionsParams): ReloadableFunctions {
  const { functions, region, account } = params;
  const arnOf = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${name}`;
  const deadlines = createDeadlines<Flight>(params.now ?? (() => performance.now()), (flight) =>
    flight.thread.overdue(flight),
  );
  const groups = new Map<string, Group>();
  const registered = new Map<string, Registered>();
  for (const members of membersByEnvironment(functions)) {
    const entries: Record<string, FunctionEntry> = Object.fromEntries(
      members.map(([name, fn]) => [name, functionEntry(fn, arnOf(name))]),
    );
    const environment = members[0]?.[1].environment ?? {};
    const group = createGroup({
      settings: { functions: entries, objectsModule: params.objectsModule.href },
      env: functionEnvironment(region, environment),
      memoryMb: params.memoryMb,
      host: params.host,
      deadlines,
      size: params.workers ?? Math.max(1, availableParallelism() - 1),
    });
    groups.set(environmentKey(environment), group);
    for (const [name, entry] of Object.entries(entries)) registered.set(name, { name, entry, group });
  }
  let closed = false;

  const find = (functionName: string): Registered => {
    const parsed = parseFunctionName(functionName);
    const found = parsed && registered.get(parsed.name);
    if (found) return found;
    const qualified = parsed ? `${parsed.name}:${parsed.qualifier ?? '$LATEST'}` : functionName;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${arnOf(qualified)}`, 404);
  };
  return {
    has: (functionName) => registered.has(parseFunctionName(functionName)?.name ?? ''),
    invoke: async (invokeParams) => {
      const found = find(invokeParams.functionName);
      return await new Promise((resolve, reject) => {
        if (!closed) start(found, invokeParams, { result: resolve, error: reject });
      });
    },
    reload: async () => {
      for (const group of groups.values()) group.renew();
    },
    close: async () => {
      closed = true;
      deadlines.close();
      await Promise.all([...groups.values()].map((group) => group.close()));
    },
  };
}

interface Registered {
  readonly name: string;
  readonly entry: FunctionEntry;
  readonly group: Group;
}

function start({ name, entry, group }: Registered, params: InvokeParams, settled: Settled): void {
  const { signal, payload, idempotencyKey } = params;
  const stop = (): void => {
    invocation.settle({ kind: 'exited', message: 'The invocation was stopped: its outcome is not awaited any more.' });
    invocation.flight?.thread.abort(invocation.flight, 'stop');
  };
  const invocation = createInvocation(
    { name, entry, payload, idempotencyKey, requestId: params.requestId ?? randomUUID(), onLog: params.onLog },
    {
      result: (result) => {
        signal?.removeEventListener('abort', stop);
        settled.result(result);
      },
      error: (error) => {
        signal?.removeEventListener('abort', stop);
        settled.error(error);
      },
    },
  );
  if (signal?.aborted) {
    stop();
    return;
  }
  signal?.addEventListener('abort', stop);
  group.run(invocation);
}

function functionEntry(params: FunctionParams, arn: string): FunctionEntry {
  return {
    url: pathToFileURL(params.module).href,
    exportName: params.exportName ?? 'handler',
    arn,
    timeoutMs: params.timeoutSeconds * 1000,
  };
}

function membersByEnvironment(
  functions: Readonly<Record<string, FunctionParams>>,
): readonly (readonly (readonly [string, FunctionParams])[])[] {
  const members = Map.groupBy(Object.entries(functions), ([, fn]) => environmentKey(fn.environment ?? {}));
  return [...members.values()];
}
