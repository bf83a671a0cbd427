/**
 * Payload templates (Parameters, ItemSelector, ResultSelector): JSON in which a key that ends in `.$` takes its value
 * from a path or an intrinsic function (ASL, payload templates).
 */
import { isArray, isObject, type Json, setKey } from '../json.ts';
import { compileIntrinsic } from './intrinsics/compile.ts';
import { compilePath } from './path/path.ts';
import { PathError } from './path/path-error.ts';
import type { Expression } from './scope.ts';
import { runtimeError } from './states-error.ts';

/** A problem with one place of a template; `pointer` is relative to the template. */
export class TemplateError extends SyntaxError {
  readonly pointer: string;

  constructor(pointer: string, problem: string) {
    super(problem);
    this.pointer = pointer;
  }
}

/** @throws TemplateError */
export function compileTemplate(template: Json): Expression {
  return compileNode(template, '') ?? (() => template);
}

/** Undefined where nothing below needs evaluating: such parts are shared as they are. */
function compileNode(node: Json, pointer: string): Expression | undefined {
  if (isArray(node)) return compileArray(node, pointer);
  return isObject(node) ? compileObject(node, pointer) : undefined;
}

function compileArray(items: readonly Json[], pointer: string): Expression | undefined {
  const parts = items.map((item, i) => compileNode(item, `${pointer}/${i}`));
  if (parts.every((part) => part === undefined)) return undefined;
  return (scope) => items.map((item, i) => parts[i]?.(scope) ?? item);
}

function compileObject(node: Readonly<Record<string, Json>>, pointer: string): Expression | undefined {
  const fields = Object.entries(node).map(([key, value]) => compileField(key, value, `${pointer}/${key}`));
  if (fields.every((field) => field.expression === undefined)) return undefined;
  const names = new Set(fields.map((field) => field.name));
  if (names.size < fields.length)
    throw new TemplateError(pointer, 'a field is given twice, once with and once without ".$"');
  return (scope) => {
    const result: Record<string, Json> = {};
    for (const field of fields) setKey(result, field.name, field.expression ? field.expression(scope) : field.literal);
    return result;
  };
}

interface Field {
  readonly name: string;
  readonly literal: Json;
  readonly expression: Expression | undefined;
}

function compileField(key: string, value: Json, pointer: string): Field {
  if (!key.endsWith('.$')) return { name: key, literal: value, expression: compileNode(value, pointer) };
  if (typeof value !== 'string')
    throw new TemplateError(
      pointer,
      `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
    );
  try {
    return { name: key.slice(0, -2), literal: null, expression: compileDynamic(value, key) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TemplateError(
      pointer,
      `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call: ${error.message}`,
    );
  }
}

/**
 * Compiles a path or an intrinsic call that stands in a field.
 * @param field named in the error when the path finds nothing
 * @throws SyntaxError
 */
export function compileDynamic(text: string, field: string): Expression {
  const read = text.startsWith('$') ? compilePath(text).read : compileIntrinsic(text);
  return (scope) => {
    try {
      return read(scope);
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      const cause = `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(scope.input)}'`;
      throw runtimeError(cause);
    }
  };
}
