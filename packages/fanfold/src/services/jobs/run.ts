/** One run of a job's program: a process in a group of its own, without a shell. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { createJobLog } from './job-log.ts';
import { endLeftovers, identify, killRest, type ProcessIdentity } from '../processes.ts';

export interface RunParams {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly logFile: string;
  readonly secrets: readonly string[];
}

/** Told each line that the program writes. */
export type OnLine = (line: string) => void;

export interface Run {
  /** Absent when the program could not be started. */
  readonly identity?: ProcessIdentity;
  readonly ended: Promise<RunEnd>;
  /** SIGTERM to the group, SIGKILL to what is left of it after `graceMs`. Resolves when all of it is gone. */
  end(graceMs: number): Promise<void>;
}

export interface RunEnd {
  /** 128 and the signal's number for one that a signal has ended. */
  readonly exitCode?: number;
  readonly reason?: string;
}

/** How long the streams of an ended program may stay open, held by somebody who has left its group; milliseconds. */
const STREAMS_CLOSE = 500;

export function startRun(params: RunParams, onLine: OnLine = () => {}): Run {
  const { argv, cwd, environment, mark, logFile, secrets } = params;
  const [program = '', ...args] = argv;
  const log = createJobLog(logFile, secrets, onLine);
  const cannotStart = (error: NodeJS.ErrnoException): RunEnd => ({
    reason: `CannotStartContainerError: ${program.slice(0, 200)} cannot be started: ${error.code ?? error.message}`,
  });
  let child: Program;
  try {
    child = start(program, args, cwd, environment);
  } catch (error) {
    // What the system refuses outright, such as more arguments and environment than it takes (E2BIG).
    return { ended: log.end().then(() => cannotStart(error as NodeJS.ErrnoException)), end: () => log.end() };
  }
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  log.follow(child.stdout);
  log.follow(child.stderr);
  const { promise, resolve } = Promise.withResolvers<RunEnd>();
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (identity) return;
    resolve(cannotStart(error));
  });
  child.on('exit', (code, signal) =>
    resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
  );
  const ended = promise.then(async (end) => {
    // A container ends with its first process; so does a group.
    if (identity) await killRest(identity.pid);
    const open = [child.stdout, child.stderr].filter((stream) => !stream.closed);
    await Promise.race([Promise.all(open.map((stream) => once(stream, 'close'))), sleep(STREAMS_CLOSE)]);
    for (const stream of open) stream.destroy();
    await log.end();
    return end;
  });
  return {
    ...(identity && { identity }),
    ended,
    end: async (graceMs) => {
      await endLeftovers([{ mark, ...(identity && { identity }) }], graceMs);
      await ended;
    },
  };
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(program: string, args: readonly string[], cwd: string, environment: RunParams['environment']): Program {
  return spawn(program, args, {
    cwd,
    env: { ...environment },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}
