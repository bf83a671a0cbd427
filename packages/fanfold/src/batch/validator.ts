/** Validates records: with ajv for a JSON Schema, by itself for a Standard Schema. */
import { isObject, type Json } from '../json.ts';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { BuiltColumn, CsvRecord } from '../records/index.ts';
import { builtAs, coercionOf, type Coercion } from './coerce.ts';
import { BatchError } from './errors.ts';
import { ownColumns, ownMembers, type Reason } from './reject.ts';
import { isStandardSchema, type ObjectSchema, type Schema, type StandardIssue, type StandardSchema } from './schema.ts';

export type Validated =
  | { readonly kind: 'valid'; readonly record: object }
  | { readonly kind: 'invalid'; readonly reasons: readonly Reason[] };

export interface Validator {
  /** @param record with as many fields as the header has names, or built as `build` says */
  validate(record: ReadRecord): Validated | Promise<Validated>;
  /** What can be made of a record while it is read. */
  readonly build?: readonly BuiltColumn[];
}

export type ReadRecord = Pick<CsvRecord, 'fields' | 'built'>;

/** @throws BatchError Fanfold.BadFile when columns that a JSON Schema requires are missing, Fanfold.BadModule for a broken schema */
export async function createValidator(schema: Schema | undefined, header: readonly string[]): Promise<Validator> {
  const columns = ownColumns(header).map((index): Column => ({ index, name: header[index] as string }));
  if (schema === undefined)
    return {
      validate: (read) => ({ kind: 'valid', record: read.built ?? recordOf(columns, read.fields) }),
      build: columns,
    };
  if (isStandardSchema(schema)) return standardValidator(schema, columns);
  return jsonSchemaValidator(schema, columns);
}

export interface ValueValidator {
  validate(value: Json): Validated | Promise<Validated>;
}

/** For records that are JSON: their values are taken as they are. @throws BatchError Fanfold.BadModule for a broken schema */
export async function createValueValidator(schema: Schema | undefined): Promise<ValueValidator> {
  if (schema !== undefined && isStandardSchema(schema)) {
    const check = standardCheck(schema);
    return { validate: (value) => check(ownMembers(value)) };
  }
  const check = schema && (await compile(schema));
  return {
    validate: (value) => {
      const record = ownMembers(value);
      if (!isObject(record)) return { kind: 'invalid', reasons: [{ message: notAnObject(record) }] };
      if (!check || check(record)) return { kind: 'valid', record };
      return { kind: 'invalid', reasons: (check.errors ?? []).map(reasonOf) };
    },
  };
}

function notAnObject(value: Json): string {
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return `The record is ${what}, not an object.`;
}

function standardValidator(schema: StandardSchema, columns: readonly Column[]): Validator {
  const check = standardCheck(schema);
  return { validate: (record) => check(record.built ?? recordOf(columns, record.fields)), build: columns };
}

function standardCheck(schema: StandardSchema): (value: unknown) => Validated | Promise<Validated> {
  const standard = schema['~standard'];
  const told = (result: Awaited<ReturnType<typeof standard.validate>>): Validated =>
    result.issues
      ? { kind: 'invalid', reasons: result.issues.map(reasonOfIssue) }
      : typeof result.value === 'object' && result.value !== null
        ? { kind: 'valid', record: result.value }
        : { kind: 'invalid', reasons: [{ message: notAnObject(result.value as Json) }] };
  return (value) => {
    const result = standard.validate(value);
    return result instanceof Promise ? result.then(told) : told(result);
  };
}

function reasonOfIssue({ message, path }: StandardIssue): Reason {
  const [first] = path ?? [];
  const key = typeof first === 'object' ? first.key : first;
  return key === undefined ? { message } : { field: String(key), message };
}

async function jsonSchemaValidator(schema: ObjectSchema, columns: readonly Column[]): Promise<Validator> {
  checkColumns(
    schema,
    columns.map(({ name }) => name),
  );
  const check = await compile(schema);
  const coerced = columns.map(({ index, name }) => ({ index, name, coerce: coercionOf(schema, name) }));
  const build = columns.flatMap(({ index, name }) => {
    const as = builtAs(schema, name);
    return as === undefined ? [] : [{ index, name, as }];
  });
  return {
    validate: (read) => {
      const record = read.built ?? recordOf(coerced, read.fields);
      if (check(record)) return { kind: 'valid', record };
      return { kind: 'invalid', reasons: (check.errors ?? []).map(reasonOf) };
    },
    ...(build.length === columns.length && { build }),
  };
}

/** A file without a required column would be rejected record by record: better said once. */
function checkColumns({ required = [] }: ObjectSchema, header: readonly string[]): void {
  const missing = required.filter((name) => !header.includes(name));
  if (missing.length === 0) return;
  throw new BatchError(
    'Fanfold.BadFile',
    `The file has no column ${missing.map((name) => JSON.stringify(name)).join(', ')}, which the schema requires. Its columns are ${header.map((name) => JSON.stringify(name)).join(', ')}.`,
  );
}

/** By schema: the chunks of a run share what was compiled for the first of them. */
const compiled = new WeakMap<ObjectSchema, Promise<ValidateFunction>>();

function compile(schema: ObjectSchema): Promise<ValidateFunction> {
  const made = compiled.get(schema) ?? compileNow(schema);
  compiled.set(schema, made);
  return made;
}

async function compileNow(schema: ObjectSchema): Promise<ValidateFunction> {
  const { Ajv } = await import('ajv');
  const { default: addFormats } = await import('ajv-formats');
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
  addFormats.default(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new BatchError(
      'Fanfold.BadModule',
      `The schema of the batch is no JSON Schema: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function reasonOf({ instancePath, keyword, params, message = 'is invalid' }: ErrorObject): Reason {
  const [, first] = instancePath.split('/');
  const field = keyword === 'required' ? String(params['missingProperty']) : first && unescapePointer(first);
  const what = keyword === 'required' ? 'is missing' : told(message, keyword, params);
  return field === undefined || field === '' ? { message: what } : { field, message: what };
}

function told(message: string, keyword: string, params: ErrorObject['params']): string {
  if (keyword !== 'enum') return message;
  return `must be one of ${(params['allowedValues'] as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

interface Column {
  readonly index: number;
  readonly name: string;
  readonly coerce?: Coercion | undefined;
}

/** The members of a record, by the names of its columns. */
function recordOf(columns: readonly Column[], fields: readonly string[]): object {
  const record: Record<string, unknown> = {};
  for (const { index, name, coerce } of columns) {
    const text = fields[index] as string;
    const value = coerce ? coerce(text) : text;
    if (value === undefined) continue;
    if (name === '__proto__')
      Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
    else record[name] = value;
  }
  return record;
}
