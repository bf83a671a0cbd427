/**
 * What TestState adds to a step: it looks on, and gives the tested state a context object of its own. Ordinary steps have
 * none, and pay nothing for it.
 */
import type { JsonObject } from '../json.ts';

export interface Probe {
  /** Stands in for the context object. */
  readonly context: JsonObject;
  /** The state failed; it may be retried or caught after that. */
  failed(failure: { readonly error: string | null; readonly cause: string | null }): void;
  /** A retrier takes the failure, whether it has attempts left or not. */
  retrier(index: number): void;
  /** A catcher has taken the failure. */
  catcher(index: number): void;
}
