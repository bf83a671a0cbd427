/** Map runs: what a distributed Map makes of its items. Each is an object of its own, beside its execution. */
import type { ExecutionType } from '../interpreter/execution.ts';
import type { FrameId } from '../interpreter/frame.ts';
import type { Value } from '../interpreter/value.ts';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** How many there are so far, and how they ended; those that have not ended are pending or running. */
export interface MapRunTally {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
}

/** Some of the children of a run, and the items that they have. */
export interface MapRunShare {
  readonly items: number;
  readonly executions: number;
}

export interface MapRun {
  readonly arn: string;
  /** The execution whose Map began it, and the attempt of the frame that waits for it. */
  readonly executionArn: string;
  readonly frame: FrameId;
  readonly attempt: number;
  /** `<ARN of the state machine>/<label>`: what its children are listed by. */
  readonly stateMachineArn: string;
  readonly childType: ExecutionType;
  readonly status: MapRunStatus;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  /** 32 random bits: what ItemSelector draws is made from them, so that the same items are the same inputs again. */
  readonly seed: number;
  /** 0 is as many as the driver allows. */
  readonly maxConcurrency: number;
  /** Null where nobody said. */
  readonly toleratedFailureCount: number | null;
  readonly toleratedFailurePercentage: number | null;
  /** Names the version of what the items were read from; null until it was opened, or where it cannot change. */
  readonly source: string | null;
  readonly items: MapRunTally;
  readonly executions: MapRunTally;
  /** What had not succeeded before the run was redriven, and was not begun again since. Absent where nothing waits. */
  readonly pendingRedrive?: MapRunShare;
  /** What failed and can never be redriven: its history is full. Absent where there is none. */
  readonly notRedrivable?: MapRunShare;
  /** How many children's results the ResultWriter has written, or the Map's output holds. */
  readonly resultsWritten: MapRunShare;
  readonly error: string | null;
  readonly cause: string | null;
  readonly redriveCount: number;
  readonly redrivenAt: number | null;
}

export type MapRunResultStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** How one child of a map run ended. */
export interface MapRunResult {
  readonly index: number;
  /** How many items it had. */
  readonly items: number;
  readonly status: MapRunResultStatus;
  /** Of one that succeeded. */
  readonly output: Value | null;
  readonly error: string | null;
  readonly cause: string | null;
  /** Kept where the results are written with it. */
  readonly input: Value | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** Of the run when the child ended. */
  readonly redriveCount: number;
  /** How often the child itself was redriven. Absent where it never was; one that is EXPRESS is begun anew instead. */
  readonly redrives?: number;
  /** Why it can never be redriven. Absent where it can, and of one that succeeded. */
  readonly notRedrivable?: string;
}

/** Results that were written together. Of two results of one child that of the row with the higher number counts. */
export interface MapRunResultRow {
  readonly number: number;
  /** The lowest index in it. */
  readonly first: number;
  readonly results: readonly MapRunResult[];
}

/** Looking at map runs, and changing what they may. */
export interface MapRuns {
  /** @throws ServiceError ResourceNotFound */
  describe(mapRunArn: string): Promise<{
    readonly run: MapRun;
    /** How many run now. */
    readonly running: MapRunShare;
  }>;
  /** Of one execution, in the order in which they began. */
  list(executionArn: string): Promise<readonly MapRun[]>;
  /** Takes effect at once. @throws ServiceError ResourceNotFound, ValidationException for a run that has ended */
  update(mapRunArn: string, change: MapRunChange): Promise<void>;
}

export type MapRunChange = Partial<{
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
}>;

/** Where map runs are kept. They are removed with their executions. */
export interface MapRunStore {
  /**
   * Writes a run, new or not, and results behind those that it has; both, or none. The run's calls are applied in their
   * order, and durable when the promise resolves.
   * @param scope what the run is made from, as a text: kept as it is until another is given, or the run has ended
   */
  saveMapRun(run: MapRun, results: readonly MapRunResult[], scope?: string): Promise<void>;
  mapRun(mapRunArn: string): Promise<MapRun | undefined>;
  /** Of a run that has not ended; undefined where none was given. */
  mapRunScope(mapRunArn: string): Promise<string | undefined>;
  /** Of one execution, in the order in which they began. */
  mapRuns(executionArn: string): Promise<readonly MapRun[]>;
  /** All that run, in the order in which they began. */
  runningMapRuns(): Promise<readonly MapRun[]>;
  /** Some rows, by `first` and then by `number`. */
  mapRunResults(params: {
    readonly mapRunArn: string;
    /** Start behind this row. */
    readonly after?: Pick<MapRunResultRow, 'first' | 'number'>;
    readonly limit: number;
  }): Promise<readonly MapRunResultRow[]>;
}
