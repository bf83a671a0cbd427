/** Puts orders into their table, 25 at a time; what the table does not take is tried again, ever later. */
import { BatchWriteItemCommand, DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';

const TABLE = 'Order';
const MOST_AT_ONCE = 25;
const BATCHES_AT_ONCE = 4;
const MOST_ATTEMPTS = 10;
const FIRST_PAUSE = 20;

export type OrderItem = Readonly<Record<string, string>>;

export interface OrderTable {
  /** Of two with the same OrderId the later one stays. */
  put(items: readonly OrderItem[]): Promise<void>;
}

export function orderTable(client: DynamoDBClient = new DynamoDBClient({})): OrderTable {
  return {
    async put(items) {
      // A batch may not name a key twice, and of two batches that do the later one must come later.
      const last = new Map(items.map((item) => [item['OrderId'] ?? '', item]));
      const batches = chunksOf([...last.values()], MOST_AT_ONCE);
      for (const some of chunksOf(batches, BATCHES_AT_ONCE))
        await Promise.all(some.map((batch) => write(client, batch.map(putRequest))));
    },
  };
}

async function write(client: DynamoDBClient, requests: WriteRequest[]): Promise<void> {
  let left = requests;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: left } }));
    left = UnprocessedItems?.[TABLE] ?? [];
    if (left.length === 0) return;
    await pause(FIRST_PAUSE * 2 ** attempt);
  }
  throw new Error(`The table ${TABLE} did not take ${left.length} items in ${MOST_ATTEMPTS} attempts.`);
}

function putRequest(item: OrderItem): WriteRequest {
  return { PutRequest: { Item: Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }])) } };
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
