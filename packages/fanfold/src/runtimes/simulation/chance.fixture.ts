/** Decisions that a seed makes again. */
import { mulberry32 } from '../../interpreter/random.ts';

export interface Chance {
  /** In [0, 1). */
  share(): number;
  /** A whole number from 0 to `most`. */
  upTo(most: number): number;
  /** One of these; undefined when there is none. */
  of<T>(items: readonly T[]): T | undefined;
  /** Some of these, at least one where there is one. */
  some<T>(items: readonly T[]): T[];
}

export function chanceFrom(seed: number): Chance {
  const share = mulberry32(seed);
  const upTo = (most: number): number => Math.floor(share() * (most + 1));
  const of = <T>(items: readonly T[]): T | undefined => items[upTo(items.length - 1)];
  return {
    share,
    upTo,
    of,
    some: (items) => {
      const taken = items.filter(() => share() < 0.5);
      const [one] = items.length > 0 ? [of(items)] : [];
      return taken.length > 0 || one === undefined ? taken : [one];
    },
  };
}
