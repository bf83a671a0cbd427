/** Shapes of JSONPath states (ASL, input and output processing). */
import type { Path } from '../asl/path/path.ts';
import { PathError } from '../asl/path/path-error.ts';
import { writeAt } from '../asl/path/write.ts';
import type { Expression } from '../asl/scope.ts';
import { runtimeError } from '../asl/states-error.ts';
import type { JsonObject } from '../json.ts';
import type { FrameScope } from './frame-scope.ts';
import type { Assign, Shape } from './shape.ts';
import { EMPTY_OBJECT, Value } from './value.ts';

/** What a path field selects: everything (the field is absent or `$`), nothing (null), or what a path names. */
export type Selection = 'all' | 'nothing' | Path;

export interface JsonpathFields {
  readonly inputPath: Selection;
  readonly parameters: Expression | null;
  readonly resultSelector: Expression | null;
  readonly resultPath: Selection;
  readonly outputPath: Selection;
  readonly assign: Expression | null;
}

export function jsonpathShape(fields: JsonpathFields): Shape {
  const { inputPath, parameters, resultSelector, resultPath, outputPath, assign } = fields;
  return {
    input: (scope) => select(inputPath, scope.rawInput, scope),
    arguments: parameters && ((scope, input) => fill(parameters, input, scope)),
    output: (scope, result, see) => {
      const selected = fill(resultSelector, result, scope);
      see?.('afterResultSelector', selected);
      const placed = place(resultPath, scope.rawInput, selected);
      see?.('afterResultPath', placed);
      return select(outputPath, placed, scope);
    },
    dropsResult: resultPath === 'nothing',
    assign: assignWith(assign, resultSelector),
  };
}

/** @param resultSelector is applied before the result is looked at */
export function assignWith(assign: Expression | null, resultSelector: Expression | null = null): Assign | null {
  return assign && ((scope, result) => assign(scope.over(fill(resultSelector, result, scope))) as JsonObject);
}

/** InputPath and OutputPath. Passing everything on keeps the value, its text included. */
export function select(selection: Selection, value: Value, scope: FrameScope): Value {
  if (selection === 'all') return value;
  if (selection === 'nothing') return EMPTY_OBJECT;
  try {
    return Value.ofJson(selection.read(scope.over(value)));
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw runtimeError(`Invalid path '${selection.text}' : ${error.message}`);
  }
}

/** Parameters, ItemSelector and ResultSelector. */
export function fill(template: Expression | null, input: Value, scope: FrameScope): Value {
  return template ? Value.ofJson(template(scope.over(input))) : input;
}

/** ResultPath: the result instead of the state's raw input, nothing of it, or the result put into it. */
export function place(selection: Selection, rawInput: Value, result: Value): Value {
  if (selection === 'all') return result;
  if (selection === 'nothing') return rawInput;
  return Value.ofJson(writeAt(rawInput.json, selection, result.json));
}
