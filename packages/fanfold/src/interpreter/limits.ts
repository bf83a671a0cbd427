/**
 * What an execution may come to. Under `aws` it fails where it fails on AWS, with AWS's errors. Under `local`, the default,
 * what only AWS's design needs is lifted: the execution goes on, and its header says once for each kind of limit that it
 * would have failed there. What is left under `local` are bounds on memory, far beyond AWS's.
 */
export type Limits = 'aws' | 'local';

/** The kinds of AWS's limits that a running execution can pass. */
export type LimitKind = 'payloadSize' | 'variableSize' | 'historyEvents' | 'executionTime';

/** Where an execution passed one of AWS's limits for the first time. */
export interface LimitWarning {
  readonly limit: LimitKind;
  readonly message: string;
}

/** Of an input, an output, a result, a state's parameters, and the variables of one Assign: UTF-8 bytes. */
export const AWS_PAYLOAD_BYTES = 262_144;
/** Of all variables of an execution. */
export const AWS_VARIABLE_BYTES: number = 10 * 1024 * 1024;
/** Of a STANDARD execution; the last one must be its end. */
export const AWS_HISTORY_EVENTS = 25_000;
/** Iterations of one inline Map. */
export const AWS_CONCURRENCY = 40;
/** The time that a STANDARD execution may take: a year. */
export const AWS_EXECUTION_MS: number = 365 * 24 * 3600 * 1000;
/** Of one map run. */
export const AWS_MAP_RUN_REDRIVES = 1000;
export const AWS_DEFINITION_BYTES = 1_048_576;

/**
 * Of one value under `local`, of all variables of an execution, and of all outputs of branches and iterations that wait to
 * be folded, whatever the limits: UTF-16 units, which are bytes for ASCII. Text of more than 512 MB cannot be made at all.
 */
export const MOST_UNITS: number = 256 * 1024 * 1024;
/** Frames of one execution beyond which a fork begins its next child only when the one before is done. */
export const MOST_FRAMES = 10_000;
/** Longer errors and causes are cut, as the API allows them no longer: characters. */
export const MOST_ERROR_LENGTH = 256;
export const MOST_CAUSE_LENGTH = 32_768;

/** The history is full: nothing can go on. */
export class HistoryFull extends Error {
  override readonly name = 'HistoryFull';
}

export const HISTORY_FULL: { readonly error: string; readonly cause: string } = {
  error: 'States.Runtime',
  cause: `The execution reached the maximum number of history events (${AWS_HISTORY_EVENTS}).`,
};

/** The beginning of a text, of so many UTF-16 units at most; no character is cut in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return text.slice(0, isSplit ? length - 1 : length);
}
