import type { Retrier } from './machine.ts';

/**
 * Seconds until the next try.
 * @param used how often this retrier was used before in this state
 */
export function retryDelay(retrier: Retrier, used: number, chance: { random(): number }): number {
  const delay = Math.min(retrier.intervalSeconds * retrier.backoffRate ** used, retrier.maxDelaySeconds);
  return retrier.fullJitter ? delay * chance.random() : delay;
}
