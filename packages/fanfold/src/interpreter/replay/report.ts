/** What a replay found. */
import type { ExecutionStatus } from '../execution.ts';
import type { HistoryEvent } from '../history.ts';
import type { IterationPath } from './recording.ts';

export interface ReplayReport {
  /** Every event came as it was recorded. */
  readonly same: boolean;
  /** Where the two part: the first events that differ; null when they do not, or where one has come to its end. */
  readonly parting: Parting | null;
  readonly recorded: Ending;
  /** What became of the replay with the recorded results, as far as there were any. */
  readonly replayed: Ending;
  /** Tasks that were called in the replay and have no recorded result; their lines of control stand still. */
  readonly unanswered: readonly ReplayedTask[];
  /** Tasks that took a recorded result, though they were called with something else. */
  readonly changed: readonly ChangedTask[];
  /** Recorded results that the replay did not ask for. */
  readonly unused: readonly TaskPlace[];
}

export interface Parting {
  /** Null when the recorded execution had come to its end. */
  readonly recorded: HistoryEvent | null;
  /** Null when nothing that the replay waits for leads to the recorded event. */
  readonly replayed: HistoryEvent | null;
  /** Set when the replay waits for another time than the recorded execution did: milliseconds since the epoch. */
  readonly until?: number;
}

export interface Ending {
  readonly status: ExecutionStatus;
  /** JSON text. */
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly events: number;
}

export interface TaskPlace {
  readonly state: string;
  readonly path: IterationPath;
  /** Which attempt of this state in these iterations, from 1. */
  readonly attempt: number;
}

export interface ReplayedTask extends TaskPlace {
  readonly resource: string;
  /** JSON text. */
  readonly parameters: string;
}

export interface ChangedTask extends ReplayedTask {
  readonly recordedResource: string;
  readonly recordedParameters: string;
}
