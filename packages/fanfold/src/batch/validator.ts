/** Validates records: with ajv for a JSON Schema, by itself for a Standard Schema. */
import { isObject, type Json } from '../json.ts';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { type BuiltColumn, type EmptyPolicy, RecordError, takeColumns } from '../records/index.ts';
import type { ColumnRules } from './column-rules.ts';
import { builtAs, coercionOf } from './coerce.ts';
import { type Column, type ReadRecord, recordMaker } from './record-maker.ts';
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

/**
 * @throws BatchError Fanfold.BadFile when the file does not have the columns that it is to have, Fanfold.BadModule for a broken
 *   schema
 */
export async function createValidator(
  schema: Schema | undefined,
  header: readonly string[],
  rules: ColumnRules = {},
): Promise<Validator> {
  const columns = columnsOf(schema, header, rules);
  const { empty } = rules;
  const { build, ...validator } = await validatorOf(schema, columns, empty);
  if (empty === undefined) return { ...validator, ...(build && { build }) };
  return validator;
}

/** The columns of the records, without those of a file of rejects. @throws BatchError Fanfold.BadFile */
function columnsOf(schema: Schema | undefined, header: readonly string[], rules: ColumnRules): readonly Column[] {
  const own = ownColumns(header);
  const known = schema && !isStandardSchema(schema) ? Object.keys(schema.properties) : undefined;
  const required = schema && !isStandardSchema(schema) ? (schema.required ?? []) : [];
  const { missing, extra, renamed } = rules;
  try {
    return takeColumns(
      own.map((index) => header[index] as string),
      {
        required,
        ...(known && { known }),
        ...(missing && { missing }),
        ...(extra && { extra }),
        ...(renamed && { renamed }),
      },
    ).map(({ index, name }) => ({ index: own[index] as number, name }));
  } catch (error) {
    if (error instanceof RecordError) throw new BatchError('Fanfold.BadFile', error.message, { cause: error });
    throw error;
  }
}

async function validatorOf(
  schema: Schema | undefined,
  columns: readonly Column[],
  empty: EmptyPolicy | undefined,
): Promise<Validator> {
  if (schema !== undefined && !isStandardSchema(schema)) return jsonSchemaValidator(schema, columns, empty);
  const check = schema && standardCheck(schema);
  const make = recordMaker(columns, empty);
  return {
    validate: (read) => {
      const record = make(read);
      if (Array.isArray(record)) return { kind: 'invalid', reasons: record as readonly Reason[] };
      return check ? check(record) : { kind: 'valid', record };
    },
    build: columns,
  };
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

function standardCheck(schema: StandardSchema): (value: unknown) => Validated | Promise<Validated> {
  const standard = schema['~standard'];
  const told = (result: Awaited<ReturnType<typeof standard.validate>>): Validated =>
    result.issues
      ? { kind: 'invalid', reasons: result.issues.map(reasonOfIssue) }
      : typeof result.value === 'object' && result.value !== null
        ? { kind: 'valid', record: result.value }
        : { kind: 'invalid', reasons: [{ message: notAnObject(result.value as Json) }] };
  return (value) => {
    try {
      const result = standard.validate(value);
      return result instanceof Promise ? result.then(told).catch(thrown) : told(result);
    } catch (error) {
      return thrown(error);
    }
  };
}

/** What a schema throws is about the record, like what `process` throws. */
function thrown(error: unknown): Validated {
  return {
    kind: 'invalid',
    reasons: [{ message: error instanceof Error ? error.message || error.name : String(error) }],
  };
}

function reasonOfIssue({ message, path }: StandardIssue): Reason {
  const [first] = path ?? [];
  const key = typeof first === 'object' ? first.key : first;
  return key === undefined ? { message } : { field: String(key), message };
}

async function jsonSchemaValidator(
  schema: ObjectSchema,
  columns: readonly Column[],
  empty: EmptyPolicy | undefined,
): Promise<Validator> {
  const check = await compile(schema);
  const make = recordMaker(
    columns.map(({ index, name }) => ({ index, name, coerce: coercionOf(schema, name) })),
    empty,
  );
  const build = columns.flatMap(({ index, name }) => {
    const as = builtAs(schema, name);
    return as === undefined ? [] : [{ index, name, as }];
  });
  return {
    validate: (read) => {
      const record = make(read);
      if (Array.isArray(record)) return { kind: 'invalid', reasons: record as readonly Reason[] };
      if (check(record)) return { kind: 'valid', record };
      return { kind: 'invalid', reasons: (check.errors ?? []).map(reasonOf) };
    },
    ...(build.length === columns.length && { build }),
  };
}

/** By schema: the chunks of a run share what was compiled for the first of them. */
const compiled = new WeakMap<ObjectSchema, Promise<ValidateFunction>>();

function compile(schema: ObjectSchema): Promise<ValidateFunction> {
  const made = compiled.get(schema) ?? compileNow(schema);
  compiled.set(schema, made);
  return made;
}

async function compileNow(schema: ObjectSchema): Promise<ValidateFunction> {
  const ajv = await ajvOf(schema['$schema']);
  const { default: addFormats } = await import('ajv-formats');
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

/** Keywords that are not known are refused, as they would check nothing; of tenths and hundredths there are multiples. */
const OPTIONS: Options = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  multipleOfPrecision: 6,
};

/** By the draft that the schema is written in; draft 7 where it does not say. */
async function ajvOf(draft: unknown): Promise<Ajv> {
  const named = typeof draft === 'string' ? draft : '';
  if (named.includes('2020-12')) return new (await import('ajv/dist/2020.js')).Ajv2020(OPTIONS);
  if (named.includes('2019-09')) return new (await import('ajv/dist/2019.js')).Ajv2019(OPTIONS);
  return new (await import('ajv')).Ajv(OPTIONS);
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
