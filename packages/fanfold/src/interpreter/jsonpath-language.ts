/** The fields of JSONPath states, compiled. */
import { compileChoiceRule } from '../asl/choice.ts';
import { compilePath, type Path } from '../asl/path/path.ts';
import { PathError } from '../asl/path/path-error.ts';
import type { Expression, Scope } from '../asl/scope.ts';
import { runtimeError } from '../asl/states-error.ts';
import { compileDynamic, compileTemplate } from '../asl/template.ts';
import { parseTimestamp } from '../asl/timestamp.ts';
import { isArray, isObject, type Json } from '../json.ts';
import { assignWith, fill, jsonpathShape, place, type Selection, select } from './jsonpath-shape.ts';
import type { Attempt, Fields, Language, Refuse } from './language.ts';
import type { NumberField, TextField, WaitState } from './machine.ts';

export function createJsonpathLanguage(attempt: Attempt, refuse: Refuse): Language {
  const path = (text: string, at: string): Path =>
    attempt(
      at,
      () => compilePath(text),
      () => compilePath('$'),
    );

  const template = (fields: Fields, field: string, at: string): Expression | null => {
    const json = fields[field];
    if (json === undefined) return null;
    return attempt<Expression>(
      `${at}/${field}`,
      () => compileTemplate(json),
      () => () => null,
    );
  };

  const selection = (fields: Fields, field: 'InputPath' | 'OutputPath' | 'ResultPath', at: string): Selection => {
    const text = fields[field];
    if (text === null) return 'nothing';
    if (typeof text !== 'string' || text === '$') return 'all';
    const compiled = path(text, `${at}/${field}`);
    if (field === 'ResultPath' && (!compiled.reference || compiled.root.kind !== 'input'))
      refuse(`${at}/${field}`, `The ResultPath '${text}' is not a reference path`);
    return compiled;
  };

  return {
    shape: (state, at) =>
      jsonpathShape({
        inputPath: selection(state, 'InputPath', at),
        parameters: state.Type === 'Map' ? null : template(state, 'Parameters', at),
        resultSelector: template(state, 'ResultSelector', at),
        resultPath: selection(state, 'ResultPath', at),
        outputPath: selection(state, 'OutputPath', at),
        assign: template(state, 'Assign', at),
      }),

    number: (state, field, at) => {
      const literal = state[field];
      if (typeof literal === 'number') return () => literal;
      const text = state[`${field}Path`];
      return typeof text === 'string' ? numberAt(path(text, `${at}/${field}Path`), `${field}Path`) : null;
    },

    text: (state, field, at) => {
      const literal = state[field];
      if (typeof literal === 'string') return () => literal;
      const text = state[`${field}Path`];
      if (typeof text !== 'string') return null;
      const compiled = attempt<Expression>(
        `${at}/${field}Path`,
        () => compileDynamic(text, `${field}Path`),
        () => () => null,
      );
      return textFrom(compiled, text, `${field}Path`);
    },

    until: (state, at) => {
      if (typeof state.Seconds === 'number') {
        const wait = state.Seconds * 1000;
        return (_, now) => now + wait;
      }
      if (typeof state.Timestamp === 'string') {
        const until = parseTimestamp(state.Timestamp);
        if (until === undefined) refuse(`${at}/Timestamp`, 'String does not match RFC3339 timestamp');
        return () => until ?? 0;
      }
      if (typeof state.SecondsPath === 'string') return secondsUntil(path(state.SecondsPath, `${at}/SecondsPath`));
      return timestampUntil(path(String(state.TimestampPath ?? '$'), `${at}/TimestampPath`));
    },

    items: (state, at, members) => {
      const text = typeof state.ItemsPath === 'string' ? state.ItemsPath : '$';
      const selected: Selection = text === '$' ? 'all' : path(text, `${at}/ItemsPath`);
      return (scope, input) => {
        const items = select(selected, input, scope.over(input));
        if (!isArray(items.json) && !(members && isObject(items.json)))
          throw runtimeError(`Reference path "${text.replace(/^\$\$/, '$')}" must point to array.`);
        return items;
      };
    },

    itemSelector: (state, at) => {
      const compiled = template(state, state.ItemSelector === undefined ? 'Parameters' : 'ItemSelector', at);
      return compiled && ((scope, input) => fill(compiled, input, scope));
    },

    parameters: (part, at) => {
      const compiled = template(part, 'Parameters', at);
      return compiled && ((scope, input) => fill(compiled, input, scope));
    },

    batchInput: (batcher, at) => {
      const compiled = template(batcher, 'BatchInput', at);
      return compiled && ((scope, input) => fill(compiled, input, scope));
    },

    choice: (rule, at) => ({
      condition: attempt<(scope: Scope) => boolean>(
        at,
        () => compileChoiceRule(rule),
        () => () => false,
      ),
      next: String(rule.Next),
      output: null,
      assign: assignWith(template(rule, 'Assign', at)),
    }),

    catcher: (catcher, at) => {
      const resultPath = selection(catcher, 'ResultPath', at);
      return {
        output: (scope, errorOutput) => place(resultPath, scope.rawInput, errorOutput),
        assign: assignWith(template(catcher, 'Assign', at)),
      };
    },

    credentials: (state, at) => {
      const compiled = template(state, 'Credentials', at);
      return compiled && ((scope, input) => credentialsOf(compiled(scope.over(input))));
    },
  };
}

/** As AWS's history shows them. */
export function credentialsOf(json: Json): Json {
  return isObject(json) && typeof json.RoleArn === 'string' ? { roleArn: json.RoleArn } : {};
}

/** What is said of a number below 0, where AWS has words of its own for that; undefined: whoever uses it says it. */
const NEGATIVE: Readonly<Record<string, ((value: number) => string) | undefined>> = {
  ToleratedFailureCountPath: () => 'ToleratedFailureCount cannot be negative.',
  ToleratedFailurePercentagePath: undefined,
  MaxConcurrencyPath: (value) => `Expected non-negative integer for MaxConcurrency, got '${value}' instead.`,
  MaxItemsPath: undefined,
};

const AT_LEAST_ONE = /^((Timeout|Heartbeat)Seconds|Max(Items|InputBytes)PerBatch)Path$/;

/** A whole number of at least 0, and of at least 1 where none would be no time, or no batch; a text of digits counts, as on AWS. */
function numberAt(path: Path, field: string): NumberField {
  const hasOwnWords = Object.hasOwn(NEGATIVE, field);
  const least = hasOwnWords ? Number.NEGATIVE_INFINITY : AT_LEAST_ONE.test(field) ? 1 : 0;
  const kind = field === 'ToleratedFailurePercentagePath' ? 'float' : 'integer';
  return (scope) => {
    const value = readField(path, scope);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const isOfKind =
      typeof number === 'number' && (kind === 'float' ? Number.isFinite(number) : Number.isInteger(number));
    if (!isOfKind || number < least)
      throw runtimeError(
        `The ${field} field refers to value "${display(value)}" which is not a valid ${kind}: ${path.text}`,
      );
    const problem = number < 0 ? NEGATIVE[field]?.(number) : undefined;
    if (problem !== undefined) throw runtimeError(problem);
    return number;
  };
}

function textFrom(compiled: Expression, text: string, field: string): TextField {
  return (scope) => {
    const value = compiled(scope);
    if (typeof value === 'string') return value;
    throw runtimeError(`The ${field} field refers to a value that is not a string: ${text}`);
  };
}

/** Milliseconds: AWS counts the seconds that a path gives in 31 bits, which is about 68 years. */
const LONGEST_WAIT = (2 ** 31 - 1) * 1000;

function bounded(until: number, now: number): number {
  if (until - now > LONGEST_WAIT) throw runtimeError('Wait state delay is too long.');
  return until;
}

function secondsUntil(path: Path): WaitState['until'] {
  return (scope, now) => {
    const value = readWait(path, 'SecondsPath', scope);
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw runtimeError(
        `The SecondsPath parameter cannot be parsed as a long value: ${path.text} == ${display(value)}`,
      );
    if (value < 0)
      throw runtimeError(`The SecondsPath parameter references a negative value: ${path.text} == ${value}`);
    return bounded(now + value * 1000, now);
  };
}

function timestampUntil(path: Path): WaitState['until'] {
  return (scope, now) => {
    const value = readWait(path, 'TimestampPath', scope);
    const until = typeof value === 'string' ? parseTimestamp(value) : undefined;
    if (until !== undefined) return bounded(until, now);
    throw runtimeError(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${display(value)}`,
    );
  };
}

function readWait(path: Path, field: string, scope: Scope): Json {
  try {
    return path.read(scope);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`The ${field} parameter does not reference an input value: ${path.text}`);
  }
}

function readField(path: Path, scope: Scope): Json {
  try {
    return path.read(scope);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`Invalid path '${path.text}' : ${error.message}`);
  }
}

function display(value: Json): string {
  return isObject(value) || isArray(value) ? JSON.stringify(value) : String(value);
}
