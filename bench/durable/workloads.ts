/** What every engine is given, and what it must give back. */

/** W1: tasks forked by one execution and gathered in order. W2: executions of tasks in a row. W3: one execution alone. */
export type WorkloadName = 'w1' | 'w2' | 'w3';

/** At once, in W1 and W2. */
export const AT_ONCE = 100;
export const W1_TASKS = 10_000;
export const W2_EXECUTIONS = 1_000;
export const W2_STEPS = 5;
export const W3_ROUNDS = 300;
/** Rounds before those that are measured. */
export const W3_WARM_UP = 30;

/** What a task answers. */
export const RESULT = { ok: true, echo: 'a result of about fifty-five bytes' } as const;

/** What a task of W1 may answer instead, so that no value is stored once for many: as long, and another for each. */
export function resultOf(task: number): { readonly ok: true; readonly echo: string } {
  return { ok: true, echo: `a result of task ${String(task).padStart(5)}, not short` };
}

/** An engine that is open, on servers that run. */
export interface Contender {
  /** @returns what the tasks answered, in order */
  w1?(tasks: number): Promise<readonly unknown[]>;
  /** @returns the last step's number of each execution */
  w2?(executions: number, steps: number): Promise<readonly number[]>;
  /** One execution of one task. @returns its answer */
  w3?(): Promise<unknown>;
  close(): Promise<void>;
}

export interface ContenderModule {
  /** Fewer tasks where the full number takes minutes; the rate is what counts. */
  readonly w1Tasks?: number;
  open(params: OpenParams): Promise<Contender>;
}

export interface OpenParams {
  /** A folder of its own, empty. */
  readonly directory: string;
  /** As named in the table. */
  readonly variant: string;
  /** Where its server listens. */
  readonly port: number;
}

export interface Measured {
  readonly operations: number;
  readonly seconds: number;
  /** The same work the time before, when the process was young; 0 in W3. */
  readonly firstSeconds: number;
  /** How often the process did such an operation in all. */
  readonly performed: number;
  /** Of the process that runs engine and tasks; servers are counted by who started them. */
  readonly cpuSeconds: number;
  /** In its folder when the work was done: write-ahead logs with what they have not yet given to their databases. */
  readonly bytes: number;
  /** Milliseconds of each round, in W3. */
  readonly latencies: readonly number[];
}
