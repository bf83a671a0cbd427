/** Puts students into their table, 25 at a time; what the table does not take is tried again, ever later. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import type { Student } from './schema.ts';

const MOST_AT_ONCE = 25;
const MOST_ATTEMPTS = 12;
const FIRST_PAUSE = 50;

type Item = Record<string, AttributeValue>;

export interface StudentTable {
  /**
   * Puts students, each with a key of its own. @returns how many of the keys the table had already, not counting what the
   * same batch has put in an earlier attempt
   */
  put(students: readonly Student[]): Promise<number>;
}

/** @param batchId written to each item, and what tells a batch's own items from others */
export function studentTable(client: DynamoDBClient, table: string, batchId: string): StudentTable {
  return {
    async put(students) {
      let known = 0;
      for (let at = 0; at < students.length; at += MOST_AT_ONCE) {
        const items = students.slice(at, at + MOST_AT_ONCE).map((student) => itemOf({ ...student, batch_id: batchId }));
        const found = await read(client, table, items.map(keyOf));
        known += found.filter(({ batch_id: batch }) => batch?.S !== batchId).length;
        await write(
          client,
          table,
          items.map((Item) => ({ PutRequest: { Item } })),
        );
      }
      return known;
    },
  };
}

async function read(client: DynamoDBClient, table: string, keys: Item[]): Promise<Item[]> {
  const found: Item[] = [];
  let left = keys;
  for (let attempt = 0; left.length > 0; attempt++) {
    await backOff(attempt, table, left.length);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: left, ProjectionExpression: 'batch_id', ConsistentRead: true } },
      }),
    );
    found.push(...(Responses?.[table] ?? []));
    left = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

async function write(client: DynamoDBClient, table: string, requests: WriteRequest[]): Promise<void> {
  let left = requests;
  for (let attempt = 0; left.length > 0; attempt++) {
    await backOff(attempt, table, left.length);
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    left = UnprocessedItems?.[table] ?? [];
  }
}

/** @throws Error when it was tried often enough */
async function backOff(attempt: number, table: string, left: number): Promise<void> {
  if (attempt === MOST_ATTEMPTS)
    throw new Error(`The table ${table} did not take ${left} items in ${attempt} attempts.`);
  if (attempt > 0) await pause(FIRST_PAUSE * 2 ** attempt);
}

function itemOf(student: Readonly<Record<string, string>>): Item {
  return Object.fromEntries(Object.entries(student).map(([name, S]) => [name, { S }]));
}

function keyOf({ student_id: id, course }: Item): Item {
  return { ...(id && { student_id: id }), ...(course && { course }) };
}
