/**
 * What one evaluation of an expression may use. All of it is counted, nothing is timed, so that the same expression over
 * the same values ends in the same way everywhere.
 */
import type { EngineBound, EngineBounds } from './generated/jsonata-sync.js';

export interface JsonataBounds extends EngineBounds {
  /** Evaluated nodes, turns of loops and items handled: what a clock would measure. */
  readonly steps: number;
  /** How deep evaluation nests. */
  readonly depth: number;
  /** How deep data and the expression's own text nest. */
  readonly nesting: number;
  /** The most items of an array. */
  readonly items: number;
  /** The most characters of a text, and of a result as JSON. */
  readonly text: number;
  /** Whether the message names the bound's value. AWS's does not. */
  readonly explained: boolean;
}

/** Roughly a quarter of a second of work. */
export const DEFAULT_BOUNDS: JsonataBounds = {
  steps: 2_000_000,
  depth: 400,
  nesting: 1_000,
  items: 1_000_000,
  text: 33_554_432,
  explained: true,
};

/**
 * Where AWS stops, as far as it was measured: 100 levels, arrays of 873,782 items, texts between 2^22 and 2^23
 * characters. Its second of time is counted in steps here.
 */
export const AWS_BOUNDS: JsonataBounds = {
  ...DEFAULT_BOUNDS,
  depth: 100,
  items: 873_782,
  text: 6_990_256,
  explained: false,
};

const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';

/** In AWS's words. */
const MESSAGES: Readonly<Record<EngineBound, string>> = {
  steps: 'Expression evaluation timeout: Check for infinite loop',
  depth: 'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive',
  items: MEMORY,
  text: MEMORY,
  picture: MEMORY,
};

const EXPLANATIONS: Readonly<Record<EngineBound, (bounds: JsonataBounds) => string>> = {
  steps: ({ steps }) => `more than ${steps} steps`,
  depth: ({ depth, nesting }) => `more than ${depth} levels of evaluation or ${nesting} of data`,
  items: ({ items }) => `an array of more than ${items} items`,
  text: ({ text }) => `a text of more than ${text} characters`,
  picture: () => 'a picture string or a width in it of more than 256 characters',
};

export function boundMessage(bound: EngineBound, bounds: JsonataBounds): string {
  return bounds.explained ? `${MESSAGES[bound]} (${EXPLANATIONS[bound](bounds)})` : MESSAGES[bound];
}

/** Thrown inside the engine, which does not know the bounds' values. */
export class BoundExceeded extends Error {
  override readonly name = 'BoundExceeded';
  readonly bound: EngineBound;

  constructor(bound: EngineBound) {
    super(bound);
    this.bound = bound;
  }
}
