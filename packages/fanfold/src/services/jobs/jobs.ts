/**
 * Runs jobs: admits them, starts their programs, watches time and memory, tries again, and tells who waits. What runs is on
 * disk before it is started, so that an engine started after a crash ends what is left of it and then runs it anew.
 *
 * J1 Of one job at most one program runs: the one before is gone, with its group, before the next is started.
 * J2 The end of a job is on disk before anybody is told; it is told again until it was taken in (I2, I3).
 */
import { rmSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';
import type { Job, JobAttempt, Jobs, SubmitJob } from '../../ports/jobs.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Logs } from '../../ports/logs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskRef } from '../../ports/services.ts';
import { type Capacity, createAdmission } from './admission.ts';
import { removeContainer, stopContainer } from './containers.ts';
import { readEnd } from './job-log.ts';
import { type JobRecord, openJobTable } from './job-table.ts';
import { checkLaunch, checkpointFolder, jobFolder, type LaunchSettings, logFile, prepareLaunch } from './launch.ts';
import { endLeftovers, memoryOfGroups } from '../processes.ts';
import { isTriedAgain, pauseBefore } from './retry.ts';
import { type Run, type RunEnd, startRun } from './run.ts';

export interface LocalJobsParams extends LaunchSettings {
  readonly environments: Readonly<Record<string, Capacity>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the lines go that jobs write, beside their own logs. @defaultValue nowhere */
  readonly logs?: Logs;
  /** Tells who waits for a job that it has ended. */
  readonly tell: (job: Job) => Promise<void>;
  /** The signal of a task whose outcome is awaited; undefined when nobody awaits it any more. */
  readonly awaited: (task: TaskRef) => Promise<AbortSignal | undefined>;
  /** The disk refuses: nothing goes on. */
  readonly onFatal: (error: unknown) => void;
  /** Between SIGTERM and SIGKILL. @defaultValue 10,000 */
  readonly graceMs?: number;
}

export interface LocalJobs extends Jobs {
  /** Ends what an engine before this one had left running, and goes on with its jobs. */
  recover(): Promise<void>;
  /** Ends what runs, to be run again when the directory is opened next. */
  close(): Promise<void>;
}

interface Live {
  record: JobRecord;
  run?: Run;
  /** Why the running attempt is being ended. */
  halt?: Halt;
  /** Resolves when it was, with all that it had started. */
  ending?: Promise<void>;
  /** Timers and listeners. */
  readonly open: Set<() => void>;
}

interface Halt {
  readonly statusReason: string;
  readonly reason?: string;
  /** No further attempt. */
  readonly final: boolean;
}

const EXITED = 'Essential container in task exited';
const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage';
/** What `docker run` and `podman run` exit with when they could not. */
const ENGINE_FAILED = 125;
const NOT_BEGUN = 'CannotStartContainerError: the container engine could not run it; the log of the job says why';
const TIMED_OUT: Halt = { statusReason: 'Job attempt duration exceeded timeout', final: true };
const DEADLINE: Halt = { statusReason: 'DeadlineExceeded', final: true };
const NOT_AWAITED: Halt = { statusReason: 'Terminated: its execution does not wait for it any more', final: true };

const MEMORY_LOOK_MS = 500;
const CLOSE_GRACE_MS = 2000;
const SWEEP_MS = 3_600_000;
/** As long as AWS Batch shows a job that has ended. */
const KEEP_SECONDS = 7 * 86_400;

export function openLocalJobs(params: LocalJobsParams): LocalJobs {
  const { environments, clock, logger, logs, tell, awaited, onFatal, graceMs = 10_000, containerEngine = '' } = params;
  const table = openJobTable(params.directory);
  const admission = createAdmission(environments);
  const lives = new Map<string, Live>();
  const timers = new Set<() => void>();
  let closed = false;
  let isWatching = false;

  const guarded = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => closed || onFatal(error));
  };
  const later = (ms: number, run: () => void, set: Set<() => void> = timers): (() => void) => {
    const disarm = clock.wake(clock.now() + ms, () => {
      set.delete(disarm);
      if (!closed) run();
    });
    set.add(disarm);
    return disarm;
  };
  const save = (live: Live, changes: Partial<JobRecord>): void => {
    live.record = { ...live.record, ...changes };
    const { told, stoppedAt, spec } = live.record;
    const removeAt = told && stoppedAt !== null ? stoppedAt + (spec.keepSeconds ?? KEEP_SECONDS) * 1000 : null;
    table.put(live.record, removeAt);
  };

  const enqueue = (live: Live): void => {
    const { id, spec } = live.record;
    admission.wait({ ...spec, id });
    admit();
  };
  const admit = (): void => {
    for (const id of closed ? [] : admission.admit()) guarded(() => begin(lives.get(id) as Live));
  };

  const begin = async (live: Live): Promise<void> => {
    const run = live.record.runs + 1;
    const mark = `fanfold-${live.record.id}-${run}`;
    delete live.halt;
    delete live.ending;
    const { id, spec, task } = live.record;
    const execution = task?.executionArn ?? spec.execution;
    const work = execution === undefined ? {} : { execution };
    const key = params.keyOf?.(spec.role, () => work);
    let launch: ReturnType<typeof prepareLaunch>;
    try {
      launch = prepareLaunch(params, live.record, { run, mark, key });
    } catch (error) {
      key?.end();
      save(live, { runs: run, startedAt: clock.now() });
      return attemptEnded(live, { reason: `CannotStartContainerError: ${(error as Error).message}` });
    }
    const container = launch.container !== undefined && { container: launch.container };
    save(live, { status: 'RUNNING', runs: run, startedAt: clock.now(), process: { mark, ...container } });
    live.run = startRun(launch.params, (line) =>
      logs?.write({
        source: `job:${spec.name}`,
        id: `${id}/${run}`,
        ...work,
        stream: 'stdout',
        line,
      }),
    );
    const { identity, ended } = live.run;
    if (identity) save(live, { process: { mark, identity, ...container } });
    const { attemptSeconds } = live.record.spec;
    const disarm =
      attemptSeconds === null ? () => {} : later(attemptSeconds * 1000, () => halt(live, TIMED_OUT), live.open);
    watchMemory();
    const end = await ended;
    key?.end();
    disarm();
    await live.ending;
    await attemptEnded(live, await containerEnd(launch.container, end));
  };

  const containerEnd = async (container: string | undefined, end: RunEnd): Promise<RunEnd> => {
    if (container === undefined) return end;
    const became = await removeContainer(containerEngine, container);
    if (became === 'outOfMemory') return { ...end, reason: OUT_OF_MEMORY };
    return became === 'absent' && end.exitCode === ENGINE_FAILED ? { ...end, reason: NOT_BEGUN } : end;
  };

  const attemptEnded = async (live: Live, end: RunEnd): Promise<void> => {
    if (closed) return;
    delete live.run;
    const { id, spec, runs, startedAt } = live.record;
    const reason = live.halt?.reason ?? end.reason;
    const attempt: JobAttempt = {
      startedAt: startedAt ?? clock.now(),
      stoppedAt: clock.now(),
      ...(end.exitCode !== undefined && { exitCode: end.exitCode }),
      ...(reason !== undefined && { reason }),
      statusReason: live.halt?.statusReason ?? EXITED,
      run: runs,
    };
    const attempts = [...live.record.attempts, attempt];
    admission.release(id);
    if (end.exitCode === 0 && !live.halt) return finish(live, 'SUCCEEDED', attempt.statusReason, attempts);
    if (live.halt?.final || !isTriedAgain(spec, attempts))
      return finish(live, 'FAILED', attempt.statusReason, attempts);
    save(live, { status: 'RUNNABLE', attempts, process: null });
    const pause = pauseBefore(spec, attempts.length);
    if (pause === 0) enqueue(live);
    else later(pause, () => enqueue(live), live.open);
    admit();
  };

  const finish = async (
    live: Live,
    status: 'SUCCEEDED' | 'FAILED',
    statusReason: string,
    attempts: readonly JobAttempt[] = live.record.attempts,
  ): Promise<void> => {
    for (const close of live.open) close();
    live.open.clear();
    const { id, task, checkpoint } = live.record;
    admission.release(id);
    save(live, { status, statusReason, attempts, stoppedAt: clock.now(), process: null, told: task === null });
    discard(`${jobFolder(params, id)}/work`);
    if (status === 'SUCCEEDED') discard(checkpointFolder(params, checkpoint));
    admit();
    await tellEnd(live, 1000);
  };

  const tellEnd = async (live: Live, pause: number): Promise<void> => {
    if (!live.record.told) {
      try {
        await tell(live.record);
      } catch (error) {
        if (closed) return;
        logger.error('The end of a job could not be told; it is told again', { jobId: live.record.id, error });
        later(pause, () => guarded(() => tellEnd(live, Math.min(pause * 2, 60_000))));
        return;
      }
      if (closed) return;
      save(live, { told: true });
    }
    lives.delete(live.record.id);
    const { keepSeconds } = live.record.spec;
    if (keepSeconds !== null) later(keepSeconds * 1000, sweep);
  };

  const halt = (live: Live, why: Halt): void => {
    if (live.halt || live.record.stoppedAt !== null) return;
    const { run } = live;
    if (!run) return guarded(() => finish(live, 'FAILED', why.statusReason));
    live.halt = why;
    const ending = endRun(live, run, why.reason === OUT_OF_MEMORY ? 0 : graceMs);
    live.ending = ending;
    guarded(() => ending);
  };

  const endRun = async ({ record }: Live, run: Run, grace: number): Promise<void> => {
    const container = record.process?.container;
    if (container !== undefined) await stopContainer(containerEngine, container, grace);
    await run.end(grace);
  };

  const watchMemory = (): void => {
    if (isWatching || closed) return;
    isWatching = true;
    later(MEMORY_LOOK_MS, () =>
      guarded(async () => {
        const running = [...lives.values()].filter(({ run, halt: why }) => run?.identity && !why);
        const used = await memoryOfGroups(new Set(running.map(({ run }) => run?.identity?.pid ?? 0)));
        for (const live of running)
          if ((used.get(live.run?.identity?.pid ?? 0) ?? 0) > live.record.spec.memory)
            halt(live, { statusReason: EXITED, reason: OUT_OF_MEMORY, final: false });
        isWatching = false;
        // Others may have begun meanwhile.
        if ([...lives.values()].some(({ run }) => run)) watchMemory();
      }),
    );
  };

  /** Ends the job when nobody waits for it any more. */
  const follow = (live: Live, signal: AbortSignal | undefined): void => {
    const { deadlineSeconds } = live.record.spec;
    if (deadlineSeconds !== null)
      later(live.record.createdAt + deadlineSeconds * 1000 - clock.now(), () => halt(live, DEADLINE), live.open);
    if (!signal) return;
    const stop = (): void => void (closed || halt(live, NOT_AWAITED));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    live.open.add(() => signal.removeEventListener('abort', stop));
  };

  const discard = (folder: string): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      logger.warn('A folder of a job cannot be removed', { folder, error });
    }
  };

  const sweep = (): void => {
    for (const { id, checkpoint } of table.dueForRemoval(clock.now())) {
      discard(jobFolder(params, id));
      if (![...lives.values()].some(({ record }) => record.checkpoint === checkpoint))
        discard(checkpointFolder(params, checkpoint));
      table.remove(id);
    }
  };
  const sweepNowAndThen = (): void => {
    sweep();
    later(SWEEP_MS, sweepNowAndThen);
  };

  const resume = async (live: Live): Promise<void> => {
    const { record } = live;
    if (record.stoppedAt !== null) return tellEnd(live, 1000);
    save(live, { status: 'RUNNABLE', process: null });
    const signal = record.task ? await awaited(record.task) : undefined;
    if (record.task && !signal) return finish(live, 'FAILED', NOT_AWAITED.statusReason);
    follow(live, signal);
    if (live.record.stoppedAt === null) enqueue(live);
  };

  return {
    submit: async (wanted: SubmitJob) => {
      const known = lives.get(wanted.id)?.record ?? table.get(wanted.id);
      if (known) return known;
      const { signal, ...given } = wanted;
      checkLaunch(params, given.spec);
      if (!admission.fits(given.spec)) throw tooLarge(given.spec, environments);
      sweep();
      if (given.uniqueName !== undefined && table.named(given.uniqueName))
        throw new ServiceError('AlreadyExists', `"${given.spec.name}" already exists`, 409);
      const record: JobRecord = {
        ...given,
        status: 'RUNNABLE',
        statusReason: null,
        createdAt: clock.now(),
        startedAt: null,
        stoppedAt: null,
        attempts: [],
        runs: 0,
        process: null,
        told: false,
      };
      const live: Live = { record, open: new Set() };
      save(live, {});
      lives.set(record.id, live);
      follow(live, signal);
      if (live.record.stoppedAt === null) enqueue(live);
      return record;
    },
    log: (jobId, run, bytes) => readEnd(logFile(params, jobId, run), bytes),
    recover: async () => {
      const found = table.open().filter(({ id }) => !lives.has(id));
      const resumed = found.map((record): Live => ({ record, open: new Set() }));
      for (const live of resumed) lives.set(live.record.id, live);
      const left = found.flatMap(({ process }) => (process ? [process] : []));
      await Promise.all([
        endLeftovers(left, graceMs),
        ...left.map(async ({ container }) => container !== undefined && removeContainer(containerEngine, container)),
      ]);
      for (const live of resumed) guarded(() => resume(live));
      sweepNowAndThen();
    },
    close: async () => {
      closed = true;
      for (const live of lives.values()) for (const close of live.open) close();
      for (const disarm of timers) disarm();
      const running = [...lives.values()].flatMap((live) => (live.run ? [endRun(live, live.run, CLOSE_GRACE_MS)] : []));
      await Promise.all(running);
      table.close();
    },
  };
}

function tooLarge(
  { name, environmentName, milliCpus, memory }: Job['spec'],
  all: LocalJobsParams['environments'],
): ServiceError {
  const has = all[environmentName];
  const capacity = has ? `has ${has.milliCpus / 1000} vCPUs and ${has.memory} MiB` : 'is not there';
  return new ServiceError(
    'ClientException',
    `The job '${name}' asks for ${milliCpus / 1000} vCPUs and ${memory} MiB, and the compute environment '${environmentName}' ${capacity}.`,
  );
}
