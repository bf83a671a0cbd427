/** The members of requests: which ones an action takes, and of what kind. What is not taken is refused by name. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../../json.ts';
import { ServiceError } from '../../../ports/service-error.ts';
import { validationError } from '../validation.ts';

export type Field = 'text' | 'boolean' | 'integer' | 'map' | 'list' | readonly string[];

export interface Fields {
  readonly required: readonly string[];
  readonly known: Readonly<Record<string, Field>>;
}

/** A parameter that DynamoDB may have and these tables have not. */
export class UnsupportedParameter extends ServiceError {
  constructor(parameter: string, instead: string) {
    super('ValidationException', `The parameter ${parameter} is not supported: ${instead}`);
  }
}

/** DynamoDB's own advice: these came before expressions. */
const LEGACY: Readonly<Record<string, string>> = {
  AttributesToGet: 'use ProjectionExpression',
  AttributeUpdates: 'use UpdateExpression',
  ConditionalOperator: 'use ConditionExpression or FilterExpression',
  Expected: 'use ConditionExpression',
  KeyConditions: 'use KeyConditionExpression',
  QueryFilter: 'use FilterExpression',
  ScanFilter: 'use FilterExpression',
};

const KINDS: Readonly<Record<Extract<Field, string>, (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  map: isObject,
  list: isArray,
};

const JAVA_NAMES: Readonly<Record<Extract<Field, string>, string>> = {
  text: 'String',
  boolean: 'Boolean',
  integer: 'Integer',
  map: 'Map',
  list: 'List',
};

/**
 * The request without the members that are null.
 * @throws UnsupportedParameter; ServiceError SerializationException, ValidationException
 */
export function checkFields({ required, known }: Fields, request: JsonObject): JsonObject {
  const given = Object.entries(request).filter(([, value]) => value !== null);
  const problems: string[] = [];
  for (const [name, value] of given) {
    const field = Object.hasOwn(known, name) ? known[name] : undefined;
    if (field === undefined) throw unsupported(name, known);
    checkKind(name, field, value);
    if (typeof field !== 'string' && !field.includes(value as string))
      problems.push(
        `Value '${String(value)}' at '${camel(name)}' failed to satisfy constraint: ` +
          `Member must satisfy enum value set: [${field.join(', ')}]`,
      );
  }
  const missing = required.filter((name) => (member(request, name) ?? null) === null);
  throwProblems([
    ...missing.map((name) => `Value null at '${camel(name)}' failed to satisfy constraint: Member must not be null`),
    ...problems,
  ]);
  return Object.fromEntries(given);
}

/** @throws ServiceError ValidationException where there is a problem */
export function throwProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const errors = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  throw validationError(`${errors} detected: ${problems.join('; ')}`);
}

/** Of an object inside of a request. @throws as checkFields */
export function checkNested(fields: Fields, value: Json, name: string): JsonObject {
  checkKind(name, 'map', value);
  return checkFields(fields, value as JsonObject);
}

function checkKind(name: string, field: Field, value: Json): void {
  const kind = typeof field === 'string' ? field : 'text';
  if (KINDS[kind](value)) return;
  throw new ServiceError(
    'SerializationException',
    `${javaName(value)} cannot be converted to ${JAVA_NAMES[kind]}: the parameter ${name}`,
  );
}

function javaName(value: Json): string {
  if (isArray(value)) return 'LIST_VALUE';
  if (isObject(value)) return 'STRUCT_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE';
}

function unsupported(name: string, known: Fields['known']): Error {
  const legacy = Object.hasOwn(LEGACY, name) ? LEGACY[name] : undefined;
  return new UnsupportedParameter(name, legacy ?? `known are ${Object.keys(known).join(', ')}`);
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
