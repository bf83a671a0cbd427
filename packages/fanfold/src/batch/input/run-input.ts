/** What the chunks of a run do with its input: how they check a record, and how they write down a reject. */
import type { BuiltColumn, CsvRecord, JsonRecord } from '../../records/index.ts';
import { type RejectFormat, rejectFormat, type RejectFormatParams } from '../reject.ts';
import type { ColumnRules } from '../column-rules.ts';
import type { Schema } from '../schema.ts';
import { createValidator, createValueValidator, type Validated } from '../validator.ts';
import { lostNumber } from '../kept-number.ts';
import type { InputRecord } from './read.ts';

/** Digits of a number in a message. */
const LONGEST_SHOWN = 40;

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
  return {
    rejects,
    validate: (record) => {
      const { value, text } = record as JsonRecord;
      const lost = lostNumber(text);
      const validated = validate(value);
      if (lost === undefined) return validated;
      const told = (found: Validated): Validated => ({
        kind: 'invalid',
        reasons: [{ message: rounded(lost) }, ...(found.kind === 'invalid' ? found.reasons : [])],
      });
      return validated instanceof Promise ? validated.then(told) : told(validated);
    },
  };
}

function rounded(number: string): string {
  const shown = number.length > LONGEST_SHOWN ? `${number.slice(0, LONGEST_SHOWN)}…` : number;
  return `The number ${shown} would be rounded; write it as a text`;
}
