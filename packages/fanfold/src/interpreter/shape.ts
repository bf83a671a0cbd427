/** How a state's data is shaped on its way in and out, in AWS's order (ASL, input and output processing). */
import { PathError } from '../asl/path/path-error.ts';
import { writeAt } from '../asl/path/write.ts';
import type { Expression } from '../asl/scope.ts';
import { runtimeError } from '../asl/states-error.ts';
import type { FrameScope } from './frame-scope.ts';
import type { Selection } from './machine.ts';
import { EMPTY_OBJECT, Value } from './value.ts';

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
