/** What a student's record must be, and what its empty values mean. */
import { Ajv } from 'ajv';

export const COLUMNS = ['student_id', 'fname', 'lname', 'course'] as const;
export type Student = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/** Columns that the header must name; the others may lack, and columns that are not known are not looked at. */
const REQUIRED = ['student_id', 'fname', 'course'] as const;

export const SCHEMA = {
  type: 'object',
  properties: {
    student_id: { type: 'string', minLength: 5, maxLength: 20 },
    fname: { type: 'string', minLength: 1 },
    lname: { type: 'string', minLength: 1 },
    course: { type: 'string', minLength: 5 },
  },
  required: REQUIRED,
} as const;

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** @returns what is wrong with the record, all of it; undefined when nothing is */
export function studentProblem(student: Student): string | undefined {
  if (validate(student)) return undefined;
  return (validate.errors ?? [])
    .map(({ instancePath, message }) => `${instancePath.slice(1) || 'record'} ${message}`)
    .join('; ');
}

/** @returns what is wrong with a header; undefined when it names what is required */
export function headerProblem(names: readonly string[]): string | undefined {
  const missing = REQUIRED.filter((name) => !names.includes(name));
  return missing.length === 0 ? undefined : `it lacks ${missing.map((name) => `'${name}'`).join(', ')}`;
}

/** `text`: the value is taken as it is written. `absent`: there is no value. */
export type EmptyMeaning = 'text' | 'absent';

/** How a value can be empty: nothing between the delimiters, `""`, only blanks, or the word NULL. */
export const EMPTY_SPELLINGS = ['missing', 'quoted', 'blank', 'NULL'] as const;
export type EmptyValues = Readonly<Record<(typeof EMPTY_SPELLINGS)[number], EmptyMeaning>>;

/** The original's: whatever stands there is the value, so an empty one is too short. */
export const AS_WRITTEN: EmptyValues = { missing: 'text', quoted: 'text', blank: 'text', NULL: 'text' };

/** The record's known columns, by name, with empty values as the policy has them. Blanks around values are not kept. */
export function toStudent(
  header: readonly string[],
  fields: readonly string[],
  quotedEmpty: readonly number[],
  policy: EmptyValues,
): Student {
  const entries = COLUMNS.flatMap((column) => {
    const at = header.indexOf(column);
    const written = fields[at];
    if (written === undefined) return [];
    const spelling = spellingOf(written, quotedEmpty.includes(at));
    return spelling !== undefined && policy[spelling] === 'absent' ? [] : [[column, written.trim()] as const];
  });
  return Object.fromEntries(entries);
}

function spellingOf(value: string, quoted: boolean): keyof EmptyValues | undefined {
  if (value === '') return quoted ? 'quoted' : 'missing';
  if (value.trim() === '') return 'blank';
  return value === 'NULL' ? 'NULL' : undefined;
}
