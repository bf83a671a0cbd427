/** `ExpressionAttributeNames` and `ExpressionAttributeValues` of a request, and which of them its expressions use. */
import { isObject, type Json, type JsonObject } from '../../../json.ts';
import { ServiceError } from '../../../ports/service-error.ts';
import type { AttributeValue } from '../../../ports/tables.ts';
import { checkAttribute } from '../attribute.ts';
import { validationError } from '../validation.ts';

export interface Names {
  /** Of `#name` the name that it stands for. */
  name(placeholder: string): string | undefined;
  /** Of `:value` the value that it stands for. */
  value(placeholder: string): AttributeValue | undefined;
  /** @throws ServiceError ValidationException when there is one that no expression used */
  checkUse(): void;
}

const NAMES = 'ExpressionAttributeNames';
const VALUES = 'ExpressionAttributeValues';

/**
 * @param expressions the members of the request that can be expressions
 * @throws ServiceError ValidationException
 */
export function namesOf(request: JsonObject, expressions: readonly string[]): Names {
  const given = (name: string): boolean => (request[name] ?? null) !== null;
  if (given(NAMES) && !expressions.some(given))
    throw validationError(`${NAMES} can only be specified when using expressions`);
  const withValues = expressions.filter((name) => name !== 'ProjectionExpression');
  if (given(VALUES) && !withValues.some(given)) throw valuesWithoutUse(withValues);
  const names = new Map(Object.entries(readMap(request, NAMES, '#')).map(([key, name]) => [key, readName(key, name)]));
  const values = new Map(Object.entries(readMap(request, VALUES, ':')).map(([key, at]) => [key, readValue(key, at)]));
  const unused = { [NAMES]: new Set(names.keys()), [VALUES]: new Set(values.keys()) };

  return {
    name: (placeholder) => {
      unused[NAMES].delete(placeholder);
      return names.get(placeholder);
    },
    value: (placeholder) => {
      unused[VALUES].delete(placeholder);
      return values.get(placeholder);
    },
    checkUse: () => {
      for (const [parameter, left] of Object.entries(unused))
        if (left.size > 0)
          throw validationError(
            `Value provided in ${parameter} unused in expressions: keys: {${[...left].join(', ')}}`,
          );
    },
  };
}

function valuesWithoutUse(expressions: readonly string[]): ServiceError {
  const list =
    expressions.length > 0 ? `: ${expressions.join(' and ')} ${expressions.length > 1 ? 'are' : 'is'} null` : '';
  return validationError(`${VALUES} can only be specified when using expressions${list}`);
}

function readMap(request: JsonObject, parameter: string, first: string): JsonObject {
  const map = request[parameter] ?? null;
  if (map === null || !isObject(map)) return {};
  const keys = Object.keys(map);
  if (keys.length === 0) throw validationError(`${parameter} must not be empty`);
  const wrong = keys.find((key) => !key.startsWith(first) || !/^\w+$/.test(key.slice(1)));
  if (wrong !== undefined)
    throw validationError(`${parameter} contains invalid key: Syntax error; key: ${JSON.stringify(wrong)}`);
  return map;
}

function readName(key: string, name: Json): string {
  if (typeof name !== 'string')
    throw validationError(`${NAMES} contains invalid value: it must be a text for key ${key}`);
  return name;
}

function readValue(key: string, value: Json): AttributeValue {
  try {
    return checkAttribute(value);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw validationError(`${VALUES} contains invalid value: ${error.message} for key ${key}`);
  }
}
