/** Something that runs definitions, and what one run of it cost. */
import type { Json } from '../../packages/fanfold/src/json.ts';
import type { Case } from './cases.ts';

export interface Contender {
  /** Makes all that can be made before the input is there; what it returns is measured. */
  prepare(run: Case): Promise<() => Promise<Finished>>;
}

export interface Finished {
  readonly output: () => Json;
  /** Counts the events that can be read back; null where no history is kept. */
  readonly events: () => Promise<number | null>;
}

export interface Measured {
  readonly wallSeconds: number;
  /** User and system time of the whole process, its garbage collector included. */
  readonly cpuSeconds: number;
  /** Of the process, from its start to the end of the run. */
  readonly peakRssBytes: number;
  readonly events: number | null;
  /** SHA-256 of the output as JSON. */
  readonly output: string;
}
