/** What a check finds, before its place became text. */
import type { At } from './at.ts';
import type { Context } from './context.ts';

export interface Problem {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** What AWS names as the place; undefined where it names none. */
  readonly at: At | undefined;
  /** The place itself, where AWS names one around it. */
  readonly exact?: At;
  readonly hint?: string;
}

/** One thing that is checked about a definition. Where there may be very many problems, they are found as they are asked for. */
export type Check = (context: Context) => Iterable<Problem>;

type More = Pick<Problem, 'exact' | 'hint'>;

/** A breach of the language's form: most of what AWS refuses. */
export function schemaError(at: At, message: string, more: More = {}): Problem {
  return error('SCHEMA_VALIDATION_FAILED', at, message, more);
}

export function error(code: string, at: At | undefined, message: string, more: More = {}): Problem {
  return { severity: 'ERROR', code, message, at, ...more };
}

export function warning(code: string, at: At, message: string, more: More = {}): Problem {
  return { severity: 'WARNING', code, message, at, ...more };
}
