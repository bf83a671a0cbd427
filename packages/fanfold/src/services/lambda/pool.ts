/**
 * Functions: modules, run in worker threads of this process, and programs, run as processes. Each worker runs many
 * invocations at once; modules with the same environment and memory share workers. The bytes of objects are read and
 * written by the workers themselves. A program runs one invocation at a time.
 */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { keyBeside, type WorkerKey, type WorkerKeys } from '../../access/sessions.ts';
import type { EarlyThread } from '../../early-thread.ts';
import type { Functions, InvokeParams, InvokeResult } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createDeadlines } from './deadlines.ts';
import { createRedactor } from '../redact.ts';
import { environmentKey, functionEnvironment, programEnvironment } from './environment.ts';
import { parseFunctionName } from './function-name.ts';
import { createGroup, type Group } from './group.ts';
import { inTurns } from './in-turns.ts';
import { createInvocation, type Flight, type Settled } from './invocation.ts';
import { createProcessGroup } from './process/process-group.ts';
import type { FunctionEntry, FunctionLimits, LogLine } from './protocol.ts';
import type { FunctionHost } from './thread.ts';

export type { LogLine } from './protocol.ts';
export type { FunctionHost } from './thread.ts';

export type FunctionParams = FunctionSettings & CodeParams;

export type CodeParams = ModuleFunction | CommandFunction;

interface FunctionSettings {
  readonly timeoutSeconds: number;
  /** What more than this ends the function; MB. @defaultValue no limit */
  readonly memoryMb?: number;
  /** The most invocations at once; others wait for their turn, first come first served. @defaultValue no limit */
  readonly concurrency?: number;
  /** Added to the few variables that functions see. Functions with different ones do not share workers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables whose values are shown nowhere. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** As whom it calls others. Functions with different ones do not share workers. @defaultValue functions */
  readonly role?: string;
  /**
   * Of a module: worker threads for it and those that share them, started when needed, and all but one ended when they have had
   * nothing to do for a moment.
   *
   * @defaultValue one less than there are cores, at least 1: one core is left to the engine
   */
  readonly threads?: number;
  /** Of a function with `threads`: URLs of modules that they load before they are asked for them. */
  readonly preload?: readonly string[];
}

interface ModuleFunction {
  /** Absolute path of the module: TypeScript (types are stripped, nothing is compiled) or JavaScript, ESM or CommonJS. */
  readonly module: string;
  /** @defaultValue handler */
  readonly exportName?: string;
}

/** Any program that speaks AWS Lambda's runtime API. */
interface CommandFunction {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Where it is started. */
  readonly folder: string;
  /** What it finds as `_HANDLER`. @defaultValue empty */
  readonly handler?: string;
  /** Its standard input is held open, and its end is that of this process. @defaultValue false */
  readonly tether?: boolean;
}

export interface CreateFunctionsParams {
  readonly functions: Readonly<Record<string, FunctionParams>>;
  /** What functions reach through their context, and where their output goes. */
  readonly host: FunctionHost;
  /** Module whose `createObjects(index)` makes the Objects of the context, in the worker. */
  readonly objectsModule: URL;
  /** Worker threads for each environment, of functions that do not say it themselves. @defaultValue as `threads` */
  readonly workers?: number;
  /** Processes for each function that is a program; started when needed. @defaultValue as many as there are cores */
  readonly processes?: number;
  /** Put into the environment of every process, to find what is left of it later. */
  readonly mark?: Readonly<Record<string, string>>;
  /** Further variables, asked when a worker or process starts; a function's own go before them. @defaultValue none */
  readonly added?: () => Readonly<Record<string, string>>;
  /** A worker that was started before, with what they preload, for the first functions with `threads`. */
  readonly early?: EarlyThread | undefined;
  /** What workers sign their requests with. @defaultValue nothing */
  readonly keys?: WorkerKeys;
  readonly region: string;
  readonly account: string;
  /** Milliseconds; only differences count. @defaultValue a clock that never jumps */
  readonly now?: () => number;
}

/** For how long a spare thread is kept, milliseconds: what comes behind the chunks of a batch needs its memory. */
const SPARE_MS = 250;

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
  const { functions, region, account, keys, added = () => ({}) } = params;
  const arnOf = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${name}`;
  const deadlines = createDeadlines<Flight>(params.now ?? (() => performance.now()), (flight) =>
    flight.thread.overdue(flight),
  );
  const environmentOf = (fn: FunctionSettings, key: WorkerKey | undefined): Record<string, string> => {
    const own = ownEnvironment(fn);
    return functionEnvironment(region, { ...added(), ...keyBeside(own, key), ...own });
  };
  const groups: Group[] = [];
  const registered = new Map<string, Registered>();
  const add = (members: readonly Named[], group: Group, log: Registered['log'], redact: Registered['redact']): void => {
    groups.push(group);
    for (const { name, fn } of members)
      registered.set(name, {
        name,
        entry: limitsOf(fn, arnOf(name)),
        group: fn.concurrency !== undefined && 'module' in fn ? inTurns(group, fn.concurrency) : group,
        log,
        redact,
      });
  };
  for (const members of sharingWorkers(functions)) {
    const [{ fn }] = members;
    const { log, redact } = quiet(params.host, fn, keys?.secrets(roleOf(fn)) ?? []);
    const entries = members.map((member) => [member.name, functionEntry(member.fn, arnOf(member.name))] as const);
    const group = createGroup({
      settings: { functions: Object.fromEntries(entries), objectsModule: params.objectsModule.href },
      env: (key) => environmentOf(fn, key),
      keys,
      memoryMb: fn.memoryMb,
      host: { ...params.host, log },
      role: roleOf(fn),
      deadlines,
      ...(fn.threads !== undefined && {
        spareMs: SPARE_MS,
        preload: fn.preload,

        early: params.early,
      }),
      size: fn.threads ?? params.workers ?? Math.max(1, availableParallelism() - 1),
    });
    add(members, group, log, redact);
  }
  for (const member of programs(functions)) {
    const { name, fn } = member;
    const { log, redact } = quiet(params.host, fn, keys?.secrets(roleOf(fn)) ?? []);
    const group = createProcessGroup({
      functionName: name,
      argv: fn.command,
      folder: fn.folder,
      role: roleOf(fn),
      keys,
      env: (key) => ({
        ...environmentOf(fn, key),
        ...programEnvironment(name, fn),
        ...params.mark,
      }),
      tether: fn.tether ?? false,
      memoryMb: fn.memoryMb,
      deadlines,
      log,
      size: fn.concurrency ?? params.processes ?? availableParallelism(),
    });
    add([member], group, log, redact);
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
      for (const group of groups) group.renew();
    },
    close: async () => {
      closed = true;
      deadlines.close();
      await Promise.all(groups.map((group) => group.close()));
    },
  };
}

interface Registered {
  readonly name: string;
  readonly entry: FunctionLimits;
  readonly group: Group;
  /** Secrets do not get through. */
  readonly log: (line: LogLine) => void;
  readonly redact: (text: string) => string;
}

function start({ name, entry, group, log, redact }: Registered, params: InvokeParams, settled: Settled): void {
  const { signal, payload, idempotencyKey, execution, onLog } = params;
  const stop = (): void => {
    invocation.settle({ kind: 'exited', message: 'The invocation was stopped: its outcome is not awaited any more.' });
    invocation.flight?.thread.abort(invocation.flight, 'stop');
  };
  const over = (tell: () => void): void => {
    signal?.removeEventListener('abort', stop);
    tell();
  };
  const invocation = createInvocation(
    {
      name,
      entry,
      payload,
      idempotencyKey,
      requestId: params.requestId ?? randomUUID(),
      ...(execution !== undefined && { execution }),
      log: (line) => {
        log(line);
        onLog?.(redact(line.line));
      },
    },
    {
      result: (result) => over(() => settled.result(redacted(result, redact))),
      error: (error) => over(() => settled.error(error)),
    },
  );
  if (signal?.aborted) {
    stop();
    return;
  }
  signal?.addEventListener('abort', stop);
  group.run(invocation);
}

/** What a function tells of its failure may hold what it should not. */
function redacted(result: InvokeResult, redact: (text: string) => string): InvokeResult {
  if (result.kind === 'exited')
    return {
      ...result,
      message: redact(result.message),
      ...(result.errorType !== undefined && { errorType: redact(result.errorType) }),
    };
  if (result.kind !== 'threw') return result;
  return {
    ...result,
    errorType: redact(result.errorType),
    errorMessage: redact(result.errorMessage),
    stackTrace: result.stackTrace.map(redact),
    ...(result.payload !== undefined && { payload: redact(result.payload) }),
  };
}

/** @param issued what of its keys is shown nowhere */
function quiet(
  host: FunctionHost,
  { secrets = {} }: FunctionSettings,
  issued: readonly string[],
): Pick<Registered, 'log' | 'redact'> {
  const redact = createRedactor([...Object.values(secrets), ...issued]);
  return { redact, log: (line) => host.log({ ...line, line: redact(line.line) }) };
}

function roleOf({ role = 'functions' }: FunctionSettings): string {
  return role;
}

function ownEnvironment({ environment, secrets }: FunctionSettings): Record<string, string> {
  return { ...environment, ...secrets };
}

function limitsOf({ timeoutSeconds, memoryMb }: FunctionSettings, arn: string): FunctionLimits {
  return { arn, timeoutMs: timeoutSeconds * 1000, ...(memoryMb !== undefined && { memoryMb }) };
}

function functionEntry(fn: FunctionSettings & ModuleFunction, arn: string): FunctionEntry {
  return {
    ...limitsOf(fn, arn),
    url: pathToFileURL(fn.module).href,
    exportName: fn.exportName ?? 'handler',
  };
}

interface Named<Fn = FunctionParams> {
  readonly name: string;
  readonly fn: Fn;
}

type Modules = readonly [Named<FunctionSettings & ModuleFunction>, ...Named<FunctionSettings & ModuleFunction>[]];

/** Those with the same role, environment and memory. */
function sharingWorkers(functions: CreateFunctionsParams['functions']): readonly Modules[] {
  const modules = Object.entries(functions).flatMap(([name, fn]) => ('module' in fn ? [{ name, fn }] : []));
  const groups = Map.groupBy(modules, ({ fn }) =>
    JSON.stringify([roleOf(fn), fn.memoryMb ?? null, fn.threads ?? null, environmentKey(ownEnvironment(fn))]),
  );
  return [...groups.values()] as unknown as readonly Modules[];
}

function programs(functions: CreateFunctionsParams['functions']): readonly Named<FunctionSettings & CommandFunction>[] {
  return Object.entries(functions).flatMap(([name, fn]) => ('command' in fn ? [{ name, fn }] : []));
}
