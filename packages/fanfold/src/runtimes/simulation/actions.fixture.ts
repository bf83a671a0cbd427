/** What may happen next in a simulated history, and how often one is chosen before another. */
import type { Chance } from './chance.fixture.ts';

export interface Action {
  readonly weight: number;
  /** Null when there is nothing of it to do. */
  readonly choose: () => (() => unknown) | null;
}

/** @returns undefined where that which was chosen has nothing to do */
export function oneOf(
  chance: Chance,
  actions: Readonly<Record<string, Action>>,
): { readonly name: string; readonly act: () => unknown } | undefined {
  const possible = Object.entries(actions).filter(([, { weight }]) => weight > 0);
  let left = chance.share() * possible.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (const [name, { weight, choose }] of possible) {
    left -= weight;
    if (left > 0) continue;
    const act = choose();
    return act ? { name, act } : undefined;
  }
  return undefined;
}

/** Something to do with what there may be. */
export function whether<T>(value: T | undefined, act: (value: T) => unknown): (() => unknown) | null {
  return value === undefined ? null : () => act(value);
}
