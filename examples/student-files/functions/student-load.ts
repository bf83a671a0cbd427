/** Loads the files that an event tells of into the table, and answers with the statistics. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FunctionHandler } from 'fanfold';
import { arrivedIn, type ObjectNotification } from '../students/event.ts';
import { loadFile } from '../students/load-file.ts';
import { AS_WRITTEN, type EmptyValues } from '../students/schema.ts';
import type { Statistics } from '../students/statistics.ts';
import { studentTable } from '../students/student-table.ts';

/** Of all files together when there are several. */
export interface Loaded extends Statistics {
  readonly batchId: string;
}

export const handler: FunctionHandler<ObjectNotification, Loaded> = async (event, { objects, idempotencyKey }) => {
  const { INBOUND_BUCKET = '', TABLE_NAME = '', EMPTY_VALUES } = process.env;
  const batchId = idempotencyKey || randomUUID();
  const table = studentTable(new DynamoDBClient({}), TABLE_NAME, batchId);
  const emptyValues: EmptyValues = { ...AS_WRITTEN, ...(EMPTY_VALUES && (JSON.parse(EMPTY_VALUES) as EmptyValues)) };
  let all: Statistics | undefined;
  for (const arrived of arrivedIn(INBOUND_BUCKET, event)) {
    const { body } = await objects.get(arrived);
    const statistics = await loadFile({ file: body, table, emptyValues });
    console.log(JSON.stringify({ batchId, key: arrived.key, ...statistics }));
    all = all ? together(all, statistics) : statistics;
  }
  if (!all) throw new Error('The event tells of no object.');
  return { batchId, ...all };
};

function together(a: Statistics, b: Statistics): Statistics {
  return {
    totalRecordsProcessed: a.totalRecordsProcessed + b.totalRecordsProcessed,
    totalInsertedRecords: a.totalInsertedRecords + b.totalInsertedRecords,
    totalFailedRecords: a.totalFailedRecords + b.totalFailedRecords,
    recordsFailedDueToValidation: a.recordsFailedDueToValidation + b.recordsFailedDueToValidation,
    errorDetails: [...a.errorDetails, ...b.errorDetails],
    newRecords: a.newRecords + b.newRecords,
    replacedRecords: a.replacedRecords + b.replacedRecords,
    duplicates: [...a.duplicates, ...b.duplicates],
  };
}
