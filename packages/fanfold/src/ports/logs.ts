/** What functions and jobs write, and what is said of them as they run. */

export interface LogEntry {
  /** `function:load`, `job:splitter`. */
  readonly source: string;
  /** Of the invocation, or the job and its run. Absent for what was written outside of all. */
  readonly id?: string;
  /** The ARN of the execution on whose account it was written. */
  readonly execution?: string;
  /** `runtime` is what is said of it, not by it. */
  readonly stream: 'stdout' | 'stderr' | 'runtime';
  readonly line: string;
}

export interface Logs {
  /** Never throws, and never waits. */
  write(entry: LogEntry): void;
}

/** An entry as it is kept. */
export type KeptLogEntry = LogEntry & {
  /** ISO 8601. */
  readonly time: string;
};
