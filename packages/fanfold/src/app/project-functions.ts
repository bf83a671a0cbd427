/** The functions of a project, and those of another endpoint where one is set. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { WorkerKeys } from '../access/sessions.ts';
import type { Batch } from '../batch/batch.ts';
import { FUNCTIONS } from '../batch/function-names.ts';
import { preloadedModules } from '../batch/preload.ts';
import type { EarlyThread } from '../early-thread.ts';
import type { Json } from '../json.ts';
import type { Functions } from '../ports/functions.ts';
import type { Logger } from '../ports/logger.ts';
import type { Logs } from '../ports/logs.ts';
import {
  type CodeParams,
  createFunctions,
  type FunctionParams,
  type ReloadableFunctions,
} from '../services/lambda/pool.ts';
import { unwrapItems } from '../services/plain-item.ts';
import { volumeFolder } from '../services/jobs/launch.ts';
import { rewriteMounts } from '../services/jobs/mounts.ts';
import { PYTHON_BOOTSTRAP } from '../services/lambda/process/python.ts';
import { createRemoteFunctions, withRemoteFunctions } from '../services/lambda/remote-functions.ts';
import { endLeftovers, MARK } from '../services/processes.ts';
import { OBJECTS_MODULE } from '../services/s3/objects-module.ts';
import type { FunctionSettings, ProjectDefinition } from './define-project.ts';
import { type FunctionCode, functionCode } from './function-code.ts';
import { ProjectError } from './project-error.ts';

export interface FunctionsParams {
  readonly definition: ProjectDefinition;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly place: { readonly region: string; readonly account: string };
  readonly logger: Logger;
  readonly logs: Logs;
  /** The address of this server. */
  readonly endpoint: () => string;
  readonly keys: WorkerKeys;
  readonly roleOf: (functionName: string) => string;
  /** A worker for the functions of batches that was started before. */
  readonly batchThread: EarlyThread | undefined;
  readonly batches: readonly Batch[];
  readonly host: Omit<Parameters<typeof createFunctions>[0]['host'], 'log'>;
}

export interface ProjectFunctions extends ReloadableFunctions {
  /** Ends the processes that an engine before this one has left. */
  endLeftovers(): Promise<void>;
}

/** @throws ProjectError when a secret is not there */
export function openFunctions(params: FunctionsParams): ProjectFunctions {
  const { definition, place, logger, logs, host, endpoint } = params;
  const preload = preloadedModules(params.batches);
  const functions = named(definition.functions, (name, settings) =>
    functionParams(name, settings, { ...params, preload }),
  );
  // Of one directory there is one engine at a time (I7): what bears its mark is this engine's, or left by one before.
  const mark = `fanfold-functions-${createHash('sha256').update(params.dataDirectory).digest('hex').slice(0, 16)}`;
  const created = createFunctions({
    functions,
    host: {
      ...host,
      log: ({ functionName, requestId, execution, stream, line }) => {
        if (stream !== 'runtime') logger.info(line, { function: functionName, requestId });
        logs.write({
          source: `function:${functionName ?? ''}`,
          ...(requestId !== undefined && { id: requestId }),
          ...(execution !== undefined && { execution }),
          stream,
          line,
        });
      },
    },
    objectsModule: OBJECTS_MODULE,
    mark: { [MARK]: mark },
    added: () => ({ AWS_ENDPOINT_URL: endpoint() }),
    keys: params.keys,
    early: params.batchThread,
    ...place,
  });
  const hasPrograms = Object.values(functions).some((fn) => 'command' in fn);
  return {
    ...created,
    endLeftovers: async () => {
      if (hasPrograms) await endLeftovers([{ mark }], 0);
    },
  };
}

const OF_BATCHES: ReadonlySet<string> = new Set(Object.values(FUNCTIONS));

function functionParams(
  name: string,
  settings: FunctionSettings,
  {
    directory,
    dataDirectory,
    roleOf,
    preload,
  }: Pick<FunctionsParams, 'directory' | 'dataDirectory' | 'roleOf'> & { readonly preload: readonly string[] },
): FunctionParams {
  const code = functionCode(settings, directory);
  if (typeof code === 'string') throw new ProjectError(`functions.${name}${code}`);
  const { timeoutSeconds = 3, memory, concurrency, environment } = settings;
  const mounts = Object.entries(settings.mounts ?? {}).map(([path, volume]) => ({
    path,
    folder: volumeFolder({ directory: dataDirectory }, volume),
  }));
  const mounted = (value: string): string => rewriteMounts(value, mounts);
  const secrets = Object.entries(settings.secrets ?? {}).map(([secret, variable]) => {
    const value = process.env[variable];
    if (value !== undefined) return [secret, value] as const;
    throw new ProjectError(
      `functions.${name}.secrets.${secret}: the environment variable ${variable}, which is to hold it, is not set.`,
    );
  });
  return {
    timeoutSeconds,
    role: roleOf(name),
    // While a file is processed the engine has little to do but to hand out its chunks.
    ...(OF_BATCHES.has(name) && { threads: availableParallelism(), preload }),
    ...(memory !== undefined && { memoryMb: memory }),
    ...(concurrency !== undefined && { concurrency }),
    ...(environment && { environment: named(environment, (_, value) => mounted(value)) }),
    ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) }),
    ...program(code, mounted),
  };
}

function program(code: FunctionCode, mounted: (value: string) => string): CodeParams {
  switch (code.kind) {
    case 'module':
      return { module: code.file, exportName: code.exportName };
    case 'python':
      return {
        command: ['python3', fileURLToPath(PYTHON_BOOTSTRAP)],
        folder: code.folder,
        handler: code.handler,
        tether: true,
      };
    case 'command':
      return { command: code.command.map(mounted), folder: code.folder, handler: code.handler };
    default:
      return code satisfies never;
  }
}

/** Functions with `plainItems` get what has DynamoDB's types in their events as plain JSON. */
export function withPlainItems(
  functions: Functions,
  { functions: settings = {} }: Pick<ProjectDefinition, 'functions'>,
): Functions {
  return {
    ...functions,
    invoke: (params) => {
      const name = params.functionName.replace(/^.*:function:/, '').replace(/:.*$/, '');
      const isPlain = Object.hasOwn(settings, name) && settings[name]?.plainItems === true;
      const payload = isPlain ? JSON.stringify(unwrapItems(JSON.parse(params.payload) as Json)) : params.payload;
      return functions.invoke({ ...params, payload });
    },
  };
}

/** Names that the project does not have are asked of the endpoint, where one is set. @throws ProjectError when it is no address */
export function withFunctionEndpoint(own: Functions, endpoint: string | undefined): Functions {
  if (!endpoint) return own;
  if (!/^https?:\/\/[^/]/.test(endpoint))
    throw new ProjectError(`AWS_ENDPOINT_URL_LAMBDA must be an http or https address, not '${endpoint}'.`);
  return withRemoteFunctions(own, createRemoteFunctions({ endpoint }));
}

function named<T, R>(
  record: Readonly<Record<string, T>> | undefined,
  make: (name: string, value: T) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, make(name, value)]));
}
