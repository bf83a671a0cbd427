/** Outputs of children whose parents have not folded yet, in memory. */
import type { Value } from '../interpreter/value.ts';
import type { ChildOutput } from '../ports/store.ts';

export class ChildOutputs {
  readonly #byFork = new Map<string, Value[]>();

  get(fork: string, index: number): Value | undefined {
    return this.#byFork.get(fork)?.[index];
  }

  keep({ fork, index, value }: ChildOutput): void {
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

  all(): ChildOutput[] {
    const all: ChildOutput[] = [];
    // Skips the indexes that have none yet.
    for (const [fork, values] of this.#byFork) values.forEach((value, index) => all.push({ fork, index, value }));
    return all;
  }
}
