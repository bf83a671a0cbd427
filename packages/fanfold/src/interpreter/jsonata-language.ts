/** The fields of JSONata states, compiled. An expression reads `$states`, variables, and nothing else. */
import {
  compileJsonataTemplate,
  EvaluationError,
  expectRange,
  expectType,
  type JsonataTemplate,
  type JsonType,
} from '../asl/jsonata/index.ts';
import { parseTimestamp } from '../asl/timestamp.ts';
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { FrameScope } from './frame-scope.ts';
import { credentialsOf } from './jsonpath-language.ts';
import type { Attempt, Fields, Language } from './language.ts';
import type { Assign } from './shape.ts';
import { Value } from './value.ts';

type Read = (scope: FrameScope) => Json;

/** AWS's longest time, seconds. */
const LONGEST = 99_999_999;

/** What fields of whole numbers take, as their literals are checked too. */
function rangeOf(field: string): readonly [number, number] {
  if (field === 'TimeoutSeconds' || field === 'HeartbeatSeconds') return [1, LONGEST];
  if (field.endsWith('PerBatch')) return [1, Number.MAX_SAFE_INTEGER];
  return field === 'Seconds' ? [0, LONGEST] : [0, Number.MAX_SAFE_INTEGER];
}

export function createJsonataLanguage(attempt: Attempt): Language {
  /** @param name as AWS writes it in causes; the field's own name unless it stands in a rule or a catcher */
  const template = (fields: Fields, field: string, at: string, name = field): JsonataTemplate | null => {
    const json = fields[field];
    if (json === undefined) return null;
    return attempt<JsonataTemplate | null>(
      `${at}/${field}`,
      () => compileJsonataTemplate(json, name),
      () => null,
    );
  };

  const typed = (fields: Fields, field: string, type: JsonType, at: string, name = field): Read | null => {
    const compiled = template(fields, field, at, name);
    return (
      compiled &&
      ((scope) => {
        const value = compiled.evaluate(scope);
        if (compiled.whole) expectType(value, type, compiled.whole.text, name);
        if (compiled.whole && type === 'integer')
          expectRange(value as number, rangeOf(field), compiled.whole.text, name);
        return value;
      })
    );
  };

  const valueFrom = (compiled: JsonataTemplate | null): ((scope: FrameScope) => Value) | null =>
    compiled && ((scope) => Value.ofJson(compiled.evaluate(scope)));

  const assignFrom = (compiled: JsonataTemplate | null): Assign | null =>
    compiled && ((scope) => compiled.evaluate(scope) as JsonObject);

  return {
    shape: (state, at) => {
      const output = valueFrom(template(state, 'Output', at));
      return {
        input: (scope) => scope.rawInput,
        arguments: valueFrom(template(state, 'Arguments', at)),
        output: (scope, result) => output?.(scope) ?? result,
        dropsResult: false,
        assign: assignFrom(template(state, 'Assign', at)),
      };
    },

    number: (state, field, at) => {
      const read = typed(state, field, field === 'ToleratedFailurePercentage' ? 'number' : 'integer', at);
      return read && ((scope) => read(scope) as number);
    },

    text: (state, field, at) => {
      const read = typed(state, field, 'string', at);
      return read && ((scope) => read(scope) as string);
    },

    until: (state, at) => {
      const seconds = typed(state, 'Seconds', 'integer', at);
      if (seconds) return (scope, now) => now + (seconds(scope) as number) * 1000;
      const timestamp = typed(state, 'Timestamp', 'string', at);
      return (scope, now) => (timestamp ? instant(timestamp(scope) as string) : now);
    },

    items: (state, at, members) => {
      const read = typed(state, 'Items', members ? 'array or object' : 'array', at);
      if (read) return (scope) => Value.ofJson(read(scope));
      return (_, input) => {
        if (isArray(input.json) || (members && isObject(input.json))) return input;
        throw new EvaluationError(`Map state input must be an array but was: ${input.text}`);
      };
    },

    itemSelector: (state, at) => valueFrom(template(state, 'ItemSelector', at)),

    parameters: (part, at) => {
      const name = at.slice(at.lastIndexOf('/') + 1);
      return valueFrom(template(part, 'Arguments', at, `${name}/Arguments`));
    },

    batchInput: (batcher, at) => valueFrom(template(batcher, 'BatchInput', at, 'ItemBatcher/BatchInput')),

    choice: (rule, at) => {
      const name = (field: string): string => `${at.slice(at.lastIndexOf('/') + 1)}/${field}`;
      const condition = typed(rule, 'Condition', 'boolean', at, name('Condition'));
      return {
        condition: (scope) => condition?.(scope) === true,
        next: String(rule.Next),
        output: valueFrom(template(rule, 'Output', at, name('Output'))),
        assign: assignFrom(template(rule, 'Assign', at, name('Assign'))),
      };
    },

    catcher: (catcher, at) => {
      const name = (field: string): string => `${at.slice(at.lastIndexOf('/') + 1)}/${field}`;
      const output = valueFrom(template(catcher, 'Output', at, name('Output')));
      return {
        output: (scope, errorOutput) => output?.(scope) ?? errorOutput,
        assign: assignFrom(template(catcher, 'Assign', at, name('Assign'))),
      };
    },

    credentials: (state, at) => {
      const compiled = template(state, 'Credentials', at);
      return compiled && ((scope) => credentialsOf(compiled.evaluate(scope)));
    },
  };
}

function instant(text: string): number {
  const at = parseTimestamp(text);
  if (at !== undefined) return at;
  throw new EvaluationError(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    'Timestamp',
  );
}
