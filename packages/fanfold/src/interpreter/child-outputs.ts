/** Outputs of children whose parents have not folded yet, in memory. */
import type { ChildResult } from './turn.ts';
import type { Value } from './value.ts';

export class ChildOutputs {
  readonly #byFork = new Map<string, Value[]>();

  get(fork: string, index: number): Value | undefined {
    return this.#byFork.get(fork)?.[index];
  }

  keep({ fork, index, value }: ChildResult): void {
    let values = this.#byFork.get(fork);
    if (!values) {
      values = [];
      this.#byFork.set(fork, values);
    }
    values[index] = value;
  }

  drop(fork: string): void {
    this.#byFork.delete(fork);
  }

  all(): ChildResult[] {
    const all: ChildResult[] = [];
    // Skips the indexes that have none yet.
    for (const [fork, values] of this.#byFork) values.forEach((value, index) => all.push({ fork, index, value }));
    return all;
  }
}
