/** A BatchWriteItem that nobody has read yet: read, checked and performed in the tables' thread, so that the engine's does nothing of it. */
import { parseBody } from '../../ports/json-body.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { type TablesByName } from './api/action.ts';
import {
  answerTo,
  BATCH_WRITE,
  columnsFor,
  isCostAsked,
  type OneWrite,
  readWrites,
  unitsOf,
  writesByTable,
} from './api/batch-write.ts';
import { checkFields } from './api/fields.ts';
import type { Operations, UnreadAnswer } from './operations.ts';
import type { TableStore } from './sqlite-tables.ts';

/** All is checked before anything is written. */
export function writeUnread(
  tables: TablesByName,
  writeMany: TableStore['writeMany'],
  { body, limited }: Operations['batchWrite']['params'],
): UnreadAnswer {
  try {
    const request = checkFields(BATCH_WRITE, parseBody(Buffer.from(body.buffer, body.byteOffset, body.byteLength)));
    const writes = readWrites(tables, request);
    const byTable = writesByTable(writes);
    if (limited.some((table) => byTable.has(table))) return { kind: 'limited' };
    const outcomes: number[] = [];
    for (const [table, indexes] of byTable) {
      const of = indexes.map((i) => writes[i] as OneWrite);
      const before = writeMany(columnsFor(table, of, isCostAsked(request)));
      for (const [at, units] of unitsOf(of, before).entries()) outcomes[indexes[at] as number] = units;
    }
    return { kind: 'done', answer: JSON.stringify(answerTo(request, writes, outcomes)) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message, status } = error;
    return { kind: 'refused', code, message, status };
  }
}
