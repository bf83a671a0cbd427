/** JSONata expressions, compiled once and evaluated synchronously, within bounds that are counted and not timed. */
import { isObject, type Json, member } from '../../json.ts';
import { BoundExceeded, boundMessage, DEFAULT_BOUNDS, type JsonataBounds } from './bounds.ts';
import { ENGINE } from './engine.ts';
import type { Ast, EngineError } from './generated/jsonata-sync.js';
import { JsonataError, JsonataSyntaxError } from './jsonata-error.ts';
import { toPlain } from './plain.ts';
import { statesMembers } from './references.ts';

/** What an expression may read. All of it came with the event or the execution: evaluation is pure. */
export interface JsonataScope {
  /** `$states`. */
  readonly states: Json;
  /** `$name`; undefined when no such variable is assigned. */
  variable(name: string): Json | undefined;
  /** A number in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** @defaultValue DEFAULT_BOUNDS */
  readonly bounds?: JsonataBounds;
}

export interface JsonataExpression {
  readonly text: string;
  /** The members of `$states` that the expression reads by name: AWS refuses `result` where there is none yet. */
  readonly statesMembers: ReadonlySet<string>;
  /**
   * Undefined where the expression gives nothing. Values of the scope may be part of the result and are never changed.
   * @throws JsonataError
   */
  evaluate(scope: JsonataScope): Json | undefined;
}

/** @throws JsonataSyntaxError */
export function compileJsonata(text: string): JsonataExpression {
  const ast = parse(text);
  const members = statesMembers(ast);
  return { text, statesMembers: members, evaluate: (scope) => evaluate(ast, members, scope) };
}

function parse(text: string): Ast {
  try {
    return ENGINE.parse(text, DEFAULT_BOUNDS);
  } catch (error) {
    if (error instanceof BoundExceeded)
      throw new JsonataSyntaxError(`The expression nests deeper than ${DEFAULT_BOUNDS.nesting} levels`, 'S0500', 0);
    if (error instanceof Error) throw new JsonataSyntaxError(error.message, 'S0500', 0);
    const found = error as EngineError;
    ENGINE.describe(found);
    throw new JsonataSyntaxError(found.message ?? 'Syntax error', found.code ?? 'S0500', found.position ?? 0);
  }
}

function evaluate(ast: Ast, members: ReadonlySet<string>, scope: JsonataScope): Json | undefined {
  const bounds = scope.bounds ?? DEFAULT_BOUNDS;
  const read = new Set<unknown>();
  const runtime = {
    variable: (name: string): Json | undefined => {
      const value = name === 'states' ? scope.states : scope.variable(name);
      if (typeof value === 'object') read.add(value);
      return value;
    },
    random: () => scope.random(),
    uuid: () => scope.uuid(),
    now: () => scope.now(),
    // What was handed in is plain already: a large input that is passed on is not walked.
    finish: (result: unknown) => {
      if (read.has(result) || isMember(scope.states, members, result)) return result;
      return toPlain(result);
    },
  };
  try {
    return ENGINE.evaluate(ast, runtime, bounds) as Json | undefined;
  } catch (error) {
    throw jsonataError(error, bounds);
  }
}

function isMember(states: Json, members: ReadonlySet<string>, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !isObject(states)) return false;
  for (const name of members) if (member(states, name) === value) return true;
  return false;
}

function jsonataError(error: unknown, bounds: JsonataBounds): JsonataError {
  if (error instanceof JsonataError) return error;
  if (error instanceof BoundExceeded)
    return new JsonataError('bound', boundMessage(error.bound, bounds), { bound: error.bound });
  if (error instanceof Error) return new JsonataError('internal', error.message);
  const found = error as EngineError;
  ENGINE.describe(found);
  return new JsonataError('jsonata', found.message ?? `JSONata error ${found.code}`, {
    code: found.code ?? '',
    position: found.position,
  });
}
