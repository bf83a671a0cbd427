/**
 * JSON with JSONata in it (Arguments, Output, Assign, Items, …): every string of the form `{% … %}`, however deep, is an
 * expression; everything else stands for itself.
 */
import { isArray, isObject, type Json, setKey } from '../../json.ts';
import { TemplateError } from '../template.ts';
import { evaluationError, returnedNothing } from './evaluation-error.ts';
import { compileJsonata, type JsonataExpression, type JsonataScope } from './expression.ts';

const OPEN = '{%';
const CLOSE = '%}';

/** Whether a string is an expression: it begins with `{%` and ends with `%}`, without a space around. */
export function isJsonata(text: string): boolean {
  return text.length >= OPEN.length + CLOSE.length && text.startsWith(OPEN) && text.endsWith(CLOSE);
}

/** Whether a string is opened or closed like an expression, but not both. AWS refuses these. */
export function isHalfJsonata(text: string): boolean {
  return !isJsonata(text) && (text.startsWith(OPEN) || text.endsWith(CLOSE));
}

/** What stands between the delimiters. */
export function unwrapJsonata(text: string): string {
  return text.slice(OPEN.length, -CLOSE.length).trim();
}

/** One expression in a field. */
export interface JsonataField {
  /** As it stands between the delimiters, trimmed: AWS quotes it so. */
  readonly text: string;
  /** `Output/result`. */
  readonly field: string;
  readonly expression: JsonataExpression;
  /** @throws EvaluationError also when the expression gives nothing */
  evaluate(scope: JsonataScope): Json;
}

export interface JsonataTemplate {
  /** The expressions inside, in the order in which they are evaluated. */
  readonly fields: readonly JsonataField[];
  /** The expression that the template is as a whole, if it is one. */
  readonly whole: JsonataField | undefined;
  /** @throws EvaluationError */
  evaluate(scope: JsonataScope): Json;
}

/**
 * @param text with its delimiters
 * @param field names the place in errors
 * @throws JsonataSyntaxError
 */
export function compileJsonataField(text: string, field: string): JsonataField {
  const source = unwrapJsonata(text);
  const expression = compileJsonata(source);
  return {
    text: source,
    field,
    expression,
    evaluate: (scope) => {
      let value: Json | undefined;
      try {
        value = expression.evaluate(scope);
      } catch (error) {
        throw evaluationError(error, source, field);
      }
      if (value === undefined) throw returnedNothing(source, field);
      return value;
    },
  };
}

/**
 * @param field the name of the field that holds the template: `Output`
 * @throws TemplateError with the pointer of what cannot be read
 */
export function compileJsonataTemplate(template: Json, field: string): JsonataTemplate {
  const fields: JsonataField[] = [];
  const compile = (node: Json, place: Place): Fill | undefined => {
    if (typeof node === 'string') return compileText(node, place);
    if (isArray(node)) return compileArray(node, place);
    return isObject(node) ? compileObject(node, place) : undefined;
  };

  const compileText = (text: string, place: Place): Fill | undefined => {
    if (isHalfJsonata(text))
      throw new TemplateError(place.pointer, `A JSONata expression must begin with "${OPEN}" and end with "${CLOSE}"`);
    if (!isJsonata(text)) return undefined;
    try {
      const compiled = compileJsonataField(text, place.field);
      fields.push(compiled);
      return compiled.evaluate;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new TemplateError(place.pointer, error.message);
    }
  };

  const compileArray = (items: readonly Json[], place: Place): Fill | undefined => {
    const parts = items.map((item, i) => compile(item, itemOf(place, i)));
    if (parts.every((part) => part === undefined)) return undefined;
    return (scope) => items.map((item, i) => parts[i]?.(scope) ?? item);
  };

  const compileObject = (object: Readonly<Record<string, Json>>, place: Place): Fill | undefined => {
    const parts = Object.entries(object).map(([key, value]) => ({
      key,
      value,
      fill: compile(value, memberOf(place, key)),
    }));
    if (parts.every((part) => part.fill === undefined)) return undefined;
    return (scope) => {
      const filled: Record<string, Json> = {};
      for (const { key, value, fill } of parts) setKey(filled, key, fill ? fill(scope) : value);
      return filled;
    };
  };

  const fill = compile(template, { field, pointer: '' });
  return {
    fields,
    whole: typeof template === 'string' ? fields[0] : undefined,
    evaluate: fill ?? (() => template),
  };
}

type Fill = (scope: JsonataScope) => Json;

interface Place {
  /** As AWS writes it in causes: `Output/a[0]`. */
  readonly field: string;
  /** Relative to the template: `/a/0`. */
  readonly pointer: string;
}

function itemOf({ field, pointer }: Place, i: number): Place {
  return { field: `${field}[${i}]`, pointer: `${pointer}/${i}` };
}

function memberOf({ field, pointer }: Place, key: string): Place {
  return { field: `${field}/${key}`, pointer: `${pointer}/${key}` };
}
