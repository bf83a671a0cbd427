/** Loads one file: its header is checked before anything is written, its records one by one. */
import { type CsvEntry, openCsv } from 'fanfold/records';
import { type EmptyValues, headerProblem, type Student, studentProblem, toStudent } from './schema.ts';
import type { Duplicate, ErrorDetail, Statistics } from './statistics.ts';
import type { StudentTable } from './student-table.ts';

export interface LoadParams {
  readonly file: AsyncIterable<Uint8Array>;
  readonly table: StudentTable;
  readonly emptyValues: EmptyValues;
}

/** @throws RecordError for an empty file, a header that lacks columns, or a quote that is never closed */
export async function loadFile({ file, table, emptyValues }: LoadParams): Promise<Statistics> {
  const { header, batches } = await openCsv(file, { expectedHeader: headerProblem, unclearNames: 'keep' });
  const errorDetails: ErrorDetail[] = [];
  const duplicates: Duplicate[] = [];
  /** By key, what the file said of it last. */
  const seen = new Map<string, { readonly row: number; readonly text: string }>();
  let row = 0;
  let newRecords = 0;
  for await (const batch of batches) {
    const fresh = new Map<string, Student>();
    const again = new Map<string, Student>();
    for (const entry of batch) {
      row += 1;
      const student = studentOf(entry, header, emptyValues);
      const message = entry.kind === 'reject' ? entry.reason : studentProblem(student);
      if (message !== undefined) {
        errorDetails.push({ row, line: entry.line, message });
        continue;
      }
      const key = JSON.stringify([student.student_id, student.course]);
      const text = JSON.stringify(student);
      const earlier = seen.get(key);
      if (earlier?.text === text) duplicates.push({ row, of: earlier.row });
      seen.set(key, { row: earlier?.text === text ? earlier.row : row, text });
      (earlier && !fresh.has(key) ? again : fresh).set(key, student);
    }
    newRecords += fresh.size - (await table.put([...fresh.values()]));
    await table.put([...again.values()]);
  }
  const failed = errorDetails.length;
  const inserted = row - failed;
  return {
    totalRecordsProcessed: row,
    totalInsertedRecords: inserted,
    totalFailedRecords: failed,
    recordsFailedDueToValidation: failed,
    errorDetails,
    newRecords,
    replacedRecords: inserted - newRecords,
    duplicates,
  };
}

function studentOf(entry: CsvEntry, header: readonly string[], emptyValues: EmptyValues): Student {
  return entry.kind === 'reject' ? {} : toStudent(header, entry.fields, entry.quotedEmpty, emptyValues);
}
