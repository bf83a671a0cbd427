/**
 * One process of a function, behind the runtime API: it gets one invocation at a time. When an invocation is given up the
 * process is killed, with all that it has started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Work, WorkerKey, WorkerKeys } from '../../../access/sessions.ts';
import { isObject, type Json, type JsonObject } from '../../../json.ts';
import { followLines } from '../../lines.ts';
import { killRest } from '../../processes.ts';
import type { Deadlines } from '../deadlines.ts';
import { exitMessage, signalMessage } from '../exit-message.ts';
import type { Flight, Invocation } from '../invocation.ts';
import type { LogLine } from '../protocol.ts';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';
import { traceId } from '../../../trace-id.ts';

/** The first invocation of a process may take this much longer: it has to start. As on AWS. */
const STARTING_MS = 10_000;

export interface SandboxParams {
  readonly functionName: string;
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly string[];
  readonly folder: string;
  /** Asked when the process starts. */
  readonly env: (key: WorkerKey | undefined) => Readonly<Record<string, string>>;
  readonly keys: WorkerKeys | undefined;
  /** As whom it calls others. */
  readonly role: string;
  /** Hold the process's standard input open: it ends when that does. */
  readonly tether: boolean;
  readonly deadlines: Deadlines<Flight>;
  readonly log: (line: LogLine) => void;
  /** It can take an invocation. */
  onFree(): void;
  onEnd(): void;
}

export interface Sandbox {
  /** The first process of its group. */
  readonly pid: number | undefined;
  readonly current: Invocation | undefined;
  /** It has answered, and will ask for the next in a moment. */
  readonly isBetween: boolean;
  /** Only when it has none. */
  send(invocation: Invocation): void;
  /** Kills it because it has taken too much memory. */
  killForMemory(): void;
  /** Ends it; what it runs is never settled. Resolves when it is gone. */
  end(): Promise<void>;
}

export function createSandbox(params: SandboxParams): Sandbox {
  const { functionName, deadlines } = params;
  let api: RuntimeApi | undefined;
  let child: ChildProcess | undefined;
  let flight: Flight | undefined;
  let flights = 0;
  /** Has asked for its first invocation. */
  let isReady = false;
  /** Waits for its next invocation. */
  let asks = false;
  let isEnding = false;
  let isOver = false;
  let startedAt = performance.now();
  let initMs: number | undefined;
  /** Of lines without an end. */
  let flush = (): void => {};
  const gone = Promise.withResolvers<void>();
  /** Whatever it sends is for the one invocation that it has. */
  const key = params.keys?.open(params.role, () => flight && workOf(flight.invocation));

  const land = (): Invocation | undefined => {
    const landed = flight;
    if (!landed) return undefined;
    flight = undefined;
    deadlines.stop(landed);
    const memoryMb = peakMemory(child?.pid);
    landed.invocation.used = { ...(initMs !== undefined && { initMs }), ...(memoryMb !== undefined && { memoryMb }) };
    initMs = undefined;
    return landed.invocation;
  };
  const give = ({ invocation }: Flight): void => {
    const { requestId, payload, idempotencyKey, entry } = invocation;
    const deadline = Math.ceil(Date.now() + entry.timeoutMs);
    api?.give({
      requestId,
      payload,
      idempotencyKey,
      arn: entry.arn,
      deadline,
      traceId: `${traceId(Date.now())};Sampled=0`,
    });
  };
  const answer = async (settle: (invocation: Invocation) => void): Promise<void> => {
    // What the process wrote before it answered is in its pipes: it comes within this turn of the loop.
    await turn();
    flush();
    const invocation = land();
    if (invocation) settle(invocation);
    if (asks) params.onFree();
  };
  const kill = (): void => {
    isEnding = true;
    if (child?.pid === undefined) return;
    void killRest(child.pid);
  };
  const over = (message: string, errorType?: string): void => {
    if (isOver) return;
    isOver = true;
    key?.end();
    api?.close();
    const invocation = land();
    params.onEnd();
    gone.resolve();
    invocation?.settle({ kind: 'exited', message, ...(errorType !== undefined && { errorType }) });
  };

  const start = async (): Promise<void> => {
    api = await openRuntimeApi({
      onNext: () => {
        if (!isReady) {
          isReady = true;
          initMs = performance.now() - startedAt;
          if (flight) {
            deadlines.start(flight, flight.invocation.entry.timeoutMs);
            give(flight);
          }
          return;
        }
        asks = true;
        if (!flight) params.onFree();
      },
      onResponse: (_, payload) =>
        void answer((invocation) =>
          invocation.settle(isJson(payload) ? { kind: 'returned', payload } : notJson(functionName)),
        ),
      onError: (_, errorType, payload) => void answer((invocation) => invocation.settle(thrown(errorType, payload))),
      onInitError: (errorType, payload) => void answer((invocation) => invocation.settle(thrown(errorType, payload))),
      onTooLarge: () =>
        void answer((invocation) =>
          invocation.settle({
            kind: 'exited',
            errorType: 'Function.ResponseSizeTooLarge',
            message: 'Response payload size exceeded maximum allowed payload size.',
          }),
        ),
    });
    if (isEnding) return over('It was ended.');
    startedAt = performance.now();
    const [program = '', ...args] = params.argv;
    const begun = spawn(program, args, {
      cwd: params.folder,
      env: { ...params.env(key), AWS_LAMBDA_RUNTIME_API: api.address },
      detached: process.platform !== 'win32',
      stdio: [params.tether ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    child = begun;
    begun.stdin?.on('error', () => {});
    const flushes = (['stdout', 'stderr'] as const).map((stream) => {
      const source = begun[stream];
      return source ? followLines(source, (line) => write(stream, line)) : () => {};
    });
    flush = () => {
      for (const one of flushes) one();
    };
    begun.on('error', (error: NodeJS.ErrnoException) => {
      if (begun.pid === undefined)
        over(
          `fork/exec ${program}: ${error.code === 'ENOENT' ? 'no such file or directory' : error.message}`,
          'Runtime.InvalidEntrypoint',
        );
    });
    begun.on('exit', (code, signal) => {
      void killRest(begun.pid ?? 0);
      void turn().then(() => {
        flush();
        over(signal === null ? exitMessage(code ?? 0) : signalMessage(signal));
      });
    });
  };
  const write = (stream: 'stdout' | 'stderr', line: string): void => {
    const invocation = flight?.invocation;
    const { requestId, execution } = invocation ?? {};
    (invocation?.log ?? params.log)({
      functionName,
      ...(requestId !== undefined && { requestId }),
      ...(execution !== undefined && { execution }),
      stream,
      line,
    });
  };
  start().catch((error: Error) => over(error.message, 'Runtime.InvalidEntrypoint'));

  return {
    get pid() {
      return child?.pid;
    },
    get current() {
      return flight?.invocation;
    },
    get isBetween() {
      return isReady && !flight && !asks && !isEnding;
    },
    send: (invocation) => {
      asks = false;
      const sent: Flight = {
        id: ++flights,
        invocation,
        thread: {
          overdue: ({ invocation: late }) => {
            if (flight !== sent) return;
            land();
            late.settle({ kind: 'timedOut', seconds: late.entry.timeoutMs / 1000 });
            kill();
          },
          abort: () => {
            if (flight !== sent) return;
            land();
            kill();
          },
        },
      };
      flight = sent;
      invocation.flight = sent;
      invocation.begin();
      deadlines.start(sent, invocation.entry.timeoutMs + (isReady ? 0 : STARTING_MS));
      if (isReady) give(sent);
    },
    killForMemory: () => {
      land()?.settle({ kind: 'exited', message: signalMessage('SIGKILL') });
      kill();
    },
    end: async () => {
      land();
      kill();
      if (!isOver) await gone.promise;
    },
  };
}

function workOf({ execution }: Invocation): Work {
  return execution === undefined ? {} : { execution };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function notJson(name: string): { kind: 'threw'; errorType: string; errorMessage: string; stackTrace: [] } {
  return {
    kind: 'threw',
    errorType: 'Runtime.MarshalError',
    errorMessage: `The result of ${name} is not JSON.`,
    stackTrace: [],
  };
}

/** What a process tells of its failure; the text is the cause as it is. */
function thrown(header: string, payload: string): Parameters<Invocation['settle']>[0] {
  const told = parseObject(payload);
  const text = (name: string): string => (typeof told[name] === 'string' ? told[name] : '');
  const { stackTrace } = told;
  return {
    kind: 'threw',
    errorType: text('errorType') || header,
    errorMessage: text('errorMessage'),
    stackTrace: Array.isArray(stackTrace) ? stackTrace.map(String) : [],
    payload: isJson(payload) ? payload : JSON.stringify({ errorMessage: payload, errorType: header }),
  };
}

function parseObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** MB; undefined where it cannot be told. */
function peakMemory(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? undefined : Math.ceil(Number(peak) / 1024);
  } catch {
    return undefined;
  }
}
