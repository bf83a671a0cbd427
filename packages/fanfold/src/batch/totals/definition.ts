/** Totals: what a batch adds up over its outputs. */
import type { Sink } from '../definition.ts';

/** Columns of an output that hold numbers, or nothing. */
type NumberOf<Out> = {
  [Name in keyof Out & string]: [Out[Name]] extends [number | bigint | null | undefined] ? Name : never;
}[keyof Out & string];

/** A record for each key, in the order of the keys; without a key one record over all outputs. */
export interface TotalsDefinition<Out> {
  /** Members of an output whose values are the key: texts, numbers, booleans. @defaultValue none: one record over all */
  readonly by?: readonly (keyof Out & string)[];
  /** The column with the number of outputs. @defaultValue count */
  readonly count?: string;
  /** Column -> the member that is added up in it, exactly; an output without it adds nothing. */
  readonly sum?: { readonly [column: string]: NumberOf<Out> };
  /** Column -> the member whose least value stands in it: numbers, and behind them texts. */
  readonly min?: { readonly [column: string]: keyof Out & string };
  /** Column -> the member whose greatest value stands in it. */
  readonly max?: { readonly [column: string]: keyof Out & string };
  /** Which outputs count. @defaultValue all */
  when?(output: Out): boolean;
  /** Where the records go. @defaultValue nowhere; the sums over all are in the account of the run in any case */
  readonly sinks?: readonly TotalsSink[];
}

/** Columns are those of the totals. */
export type TotalsSink = Sink<TotalsRecord>;

export interface TotalsRecord {
  readonly [column: string]: string | number | bigint | boolean | null;
}
