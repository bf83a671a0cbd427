/** What the chunks of a run do with its input: how they check a record, and how they write down a reject. */
import type { BuiltColumn, CsvRecord, JsonRecord } from '../../records/index.ts';
import { type RejectFormat, rejectFormat, type RejectFormatParams } from '../reject.ts';
import type { ColumnRules } from '../column-rules.ts';
import type { Schema } from '../schema.ts';
import { createValidator, createValueValidator, type Validated } from '../validator.ts';
import type { InputRecord } from './read.ts';

export interface RunInput {
  readonly rejects: RejectFormat;
  /** @param record of the input's format */
  validate(record: InputRecord): Validated | Promise<Validated>;
  /** What validation takes of the columns of a CSV file, as far as it can be built while the file is read. */
  readonly build?: readonly BuiltColumn[];
}

/** @throws BatchError as the validators */
export async function createRunInput(
  schema: Schema | undefined,
  params: RejectFormatParams & { readonly rules?: ColumnRules },
): Promise<RunInput> {
  const rejects = rejectFormat(params);
  const { format, header } = params;
  if (format === 'csv') {
    const { validate, ...reading } = await createValidator(schema, header, params.rules);
    return { rejects, validate: (record) => validate(record as CsvRecord), ...reading };
  }
  const { validate } = await createValueValidator(schema);
  return { rejects, validate: (record) => validate((record as JsonRecord).value) };
}
