/** How far the runs of batches are: for commands, the wire and the console. */
import type { ExecutionStatus } from '../interpreter/execution.ts';

export interface RunProgress {
  readonly batch: string;
  readonly run: string;
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  /** `splitting` until the chunks are known, `publishing` once all of them are processed. */
  readonly stage: 'splitting' | 'processing' | 'publishing' | 'ended';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  /** The file; null when the input names none. */
  readonly source: { readonly bucket: string; readonly key: string } | null;
  /** Of the chunks that are done. What is null is not known yet. */
  readonly records: {
    readonly total: number | null;
    readonly read: number;
    readonly written: number;
    readonly filtered: number;
    readonly rejected: number;
    readonly emitted: number;
  };
  readonly chunks: { readonly total: number | null; readonly done: number };
  /** Of the file's text: of a compressed file, what it was unpacked to. */
  readonly bytes: { readonly total: number | null; readonly done: number };
  /** Of the last seconds; of the whole run once it has ended. */
  readonly recordsPerSecond: number | null;
  /** Until all records are processed, by the speed of the last seconds. */
  readonly secondsLeft: number | null;
}

export interface BatchRuns {
  /** Names of the project's batches. */
  readonly batches: readonly string[];
  /**
   * How far a run is, from what its chunks have left: the same after a restart.
   * @throws ServiceError ExecutionDoesNotExist
   */
  progress(ref: { readonly batch: string; readonly run: string }): Promise<RunProgress>;
  /** The newest runs of a batch. */
  list(params: {
    readonly batch: string;
    readonly status?: ExecutionStatus;
    readonly limit?: number;
  }): Promise<readonly RunProgress[]>;
}
