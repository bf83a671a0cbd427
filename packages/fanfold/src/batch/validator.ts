/** Validates records: with ajv for a JSON Schema, by itself for a Standard Schema. */
import { isObject, type Json } from '../json.ts';
import type { ErrorObject } from 'ajv';
import { type BuiltColumn, type EmptyPolicy, RecordError, takeColumns } from '../records/index.ts';
import type { ColumnRules } from './column-rules.ts';
import { builtAs, coercionOf } from './coerce.ts';
import { type Column, type ReadRecord, recordMaker } from './record-maker.ts';
import { BatchError } from './errors.ts';
import { cutAgain, isUncorrected, ownColumns, ownMembers, type Reason } from './reject.ts';
import { allowed, compileSchema, namesIn } from './json-schema.ts';
import { isPromise, isRetryable, thrownWords, tryAgain } from './thrown.ts';
import { withoutStrays } from './stray-promises.ts';
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
  const cells: Cells = { empty: rules.empty, cut: cutAgain(header) };
  const { build, ...validator } = await validatorOf(schema, columns, cells);
  if (!cells.empty && !cells.cut) return { ...validator, ...(build && { build }) };
  return validator;
}

/** What is done about cells that hold nothing, and how those are found that are not there. */
interface Cells {
  readonly empty: EmptyPolicy | undefined;
  readonly cut: ReturnType<typeof cutAgain>;
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

async function validatorOf(schema: Schema | undefined, columns: readonly Column[], cells: Cells): Promise<Validator> {
  if (schema !== undefined && !isStandardSchema(schema)) return jsonSchemaValidator(schema, columns, cells);
  const check = schema && standardCheck(schema);
  const make = recordMaker(columns, cells.empty, cells.cut);
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
  const check = await valueCheck(schema);
  return { validate: (value) => (isUncorrected(value) ? UNCORRECTED : check(ownMembers(value))) };
}

const UNCORRECTED: Validated = {
  kind: 'invalid',
  reasons: [{ message: 'The record could not be read, and was not corrected: its members are still missing.' }],
};

async function valueCheck(schema: Schema | undefined): Promise<(value: Json) => Validated | Promise<Validated>> {
  if (schema !== undefined && isStandardSchema(schema)) return standardCheck(schema);
  const check = schema && (await compileSchema(schema));
  return (record) => {
    if (!isObject(record)) return { kind: 'invalid', reasons: [{ message: notAnObject(record) }] };
    if (!check || check(record)) return { kind: 'valid', record };
    return { kind: 'invalid', reasons: (check.errors ?? []).map(reasonOf) };
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
  const again = (value: unknown, first: unknown): Promise<Validated> =>
    tryAgain({ call: async () => told(await withoutStrays(() => standard.validate(value))), first, failed: thrown });
  return (value) => {
    try {
      const result = withoutStrays(() => standard.validate(value));
      if (!isPromise(result)) return told(result);
      return Promise.resolve(result)
        .then(told)
        .catch((error: unknown) => again(value, error));
    } catch (error) {
      return isRetryable(error) ? again(value, error) : thrown(thrownWords(error));
    }
  };
}

/** What a schema throws is about the record, like what `process` throws. */
function thrown({ message }: ReturnType<typeof thrownWords>): Validated {
  return { kind: 'invalid', reasons: [{ message }] };
}

function reasonOfIssue({ message: told, path }: StandardIssue): Reason {
  const message = String(told);
  const [first] = path ?? [];
  const key = typeof first === 'object' ? first.key : first;
  return key === undefined ? { message } : { field: String(key), message };
}

async function jsonSchemaValidator(
  schema: ObjectSchema,
  columns: readonly Column[],
  { empty, cut }: Cells,
): Promise<Validator> {
  const check = await compileSchema(schema);
  const make = recordMaker(
    columns.map(({ index, name }) => ({ index, name, coerce: coercionOf(schema, name) })),
    empty,
    cut,
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

function reasonOf({ instancePath, keyword, params, message = 'is invalid' }: ErrorObject): Reason {
  const [first] = namesIn(instancePath);
  const field = keyword === 'required' ? String(params['missingProperty']) : first;
  const what = keyword === 'required' ? 'is missing' : (allowed(keyword, params) ?? message);
  return field === undefined || field === '' ? { message: what } : { field, message: what };
}
