import type { EngineBound } from './generated/jsonata-sync.js';

/**
 * - `jsonata`: of the language, with its code (`T1006`)
 * - `bound`: the evaluation took more than it may
 * - `result`: the result is, or holds, a function
 * - `internal`: the JSONata library stumbled over the expression
 */
export type JsonataErrorKind = 'jsonata' | 'bound' | 'result' | 'internal';

/** An expression that failed when it was evaluated. */
export class JsonataError extends Error {
  override readonly name = 'JsonataError';
  readonly kind: JsonataErrorKind;
  /** JSONata's code; empty for the kinds that have none. */
  readonly code: string;
  /** Characters from the start of the expression. */
  readonly position: number | undefined;
  readonly bound: EngineBound | undefined;

  constructor(
    kind: JsonataErrorKind,
    message: string,
    details: { readonly code?: string; readonly position?: number | undefined; readonly bound?: EngineBound } = {},
  ) {
    super(message);
    this.kind = kind;
    this.code = details.code ?? '';
    this.position = details.position;
    this.bound = details.bound;
  }
}

/** An expression that cannot be read. */
export class JsonataSyntaxError extends SyntaxError {
  override readonly name = 'JsonataSyntaxError';
  /** JSONata's code (`S0201`). */
  readonly code: string;
  /** Characters from the start of the expression, as JSONata counts them: mostly behind what is wrong. */
  readonly position: number;

  constructor(message: string, code: string, position: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}
