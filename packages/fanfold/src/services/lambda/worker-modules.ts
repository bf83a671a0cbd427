/** The modules of the functions, each imported once in a worker. */
import { fileURLToPath } from 'node:url';
import type { FunctionHandler } from '../../ports/functions.ts';
import type { FunctionEntry, Thrown } from './protocol.ts';
import { describeThrown } from './thrown.ts';
import { inScope } from './worker-scope.ts';

/** A failure of the runtime rather than of a handler, in the terms of AWS Lambda. */
export class RuntimeFailure extends Error {
  readonly thrown: Thrown;

  constructor(thrown: Thrown) {
    super(thrown.errorMessage);
    this.thrown = thrown;
  }
}

export interface Modules {
  /** The handler, if its module was loaded without an error. */
  loaded(name: string): FunctionHandler | undefined;
  /** @throws RuntimeFailure */
  load(name: string): Promise<FunctionHandler>;
}

/** @param onLoaded called once for each function, whether it loaded or failed */
export function createModules(
  functions: Readonly<Record<string, FunctionEntry>>,
  onLoaded: (name: string) => void,
): Modules {
  const handlers = new Map<string, FunctionHandler>();
  const loading = new Map<string, Promise<FunctionHandler>>();

  const load = async (name: string): Promise<FunctionHandler> => {
    const entry = functions[name];
    if (!entry) throw new Error(`The worker was not told of the function ${name}.`);
    try {
      const handler = await importHandler(name, entry);
      handlers.set(name, handler);
      return handler;
    } finally {
      onLoaded(name);
    }
  };
  return {
    loaded: (name) => handlers.get(name),
    load: (name) => {
      const pending = loading.get(name) ?? load(name);
      loading.set(name, pending);
      return pending;
    },
  };
}

async function importHandler(name: string, { url, exportName }: FunctionEntry): Promise<FunctionHandler> {
  const scope = { id: 0, functionName: name, aborted: false, unfinished: { stdout: '', stderr: '' } };
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await inScope(scope, () => import(url))) as typeof module;
  } catch (error) {
    throw new RuntimeFailure(describeLoadFailure(error));
  }
  const handler = exportOf(module, exportName);
  if (typeof handler === 'function') return handler as FunctionHandler;
  const found = handler === undefined ? 'undefined or not exported' : `not a function but ${typeof handler}`;
  throw new RuntimeFailure({
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: `The handler of ${name} is ${found}: "${exportName}" in ${fileURLToPath(url)}.`,
    stackTrace: [],
  });
}

/** Of a CommonJS module Node sees only some of the exports by name; all are members of its default export. */
function exportOf(module: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name in module) return module[name];
  const whole = module.default;
  return typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>)[name] : undefined;
}

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ENOENT']);

function describeLoadFailure(error: unknown): Thrown {
  const thrown = describeThrown(error);
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const errorMessage = `${thrown.errorType}: ${thrown.errorMessage}`;
  if (typeof code === 'string' && MISSING.has(code)) {
    return { ...thrown, errorType: 'Runtime.ImportModuleError', errorMessage };
  }
  if (error instanceof SyntaxError) return { ...thrown, errorType: 'Runtime.UserCodeSyntaxError', errorMessage };
  return thrown;
}
