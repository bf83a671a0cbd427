/** Time, from outside. The engine never reads the machine's clock itself. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once at or after `at` (milliseconds since the epoch, however far away). Returns a function that cancels it. */
  wake(at: number, run: () => void): () => void;
  /** Calls `run` once, after what is waiting now had its turn. */
  soon(run: () => void): void;
}
