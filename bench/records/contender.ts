/** What the contenders of `bench/csv.ts` have in common. */

/** Where a contender finds its input and leaves what it makes. */
export interface Place {
  /** Its own; empty before `prepare`. */
  readonly folder: string;
  readonly orders: string;
  readonly products: string;
  /** Whether the outputs go to a table too. */
  readonly withTable: boolean;
  /** Records in a chunk, of those who have chunks. @defaultValue their own */
  readonly chunk?: number;
  /** The most chunks at once. @defaultValue their own */
  readonly concurrency?: number;
}

/** A script of its own process. Only `run` is measured. */
export interface Contender {
  /** In a process before. */
  prepare?(place: Place): Promise<void>;
  /** Makes `output.csv` and `rejects.csv` in the folder, or what `show` makes them of. A program of its own tells its cost. */
  run(place: Place): Promise<void | Cost>;
  /** In a process behind: brings what was made into the form in which all are compared. */
  show?(place: Place): Promise<void>;
}

/** What a run has cost, as its own process knows it. */
export interface Cost {
  /** User and system time of all threads, from the start of the process. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMb: number;
}

export interface Summary {
  readonly records: number;
  /** Of the values, in their order, whatever the quotes and line endings. */
  readonly sha256: string;
}
