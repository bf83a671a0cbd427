/** Items written through BatchWriteItem, 25 of some 200 bytes in a request, by the words of the API or on the wire. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { JsonObject } from '../../packages/fanfold/src/json.ts';

export type Call = (action: string, request: JsonObject) => Promise<JsonObject>;

const TABLE = 'orders';
const PER_REQUEST = 25;
const AT_ONCE = 8;

export const CREATE: JsonObject = {
  TableName: TABLE,
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};

export interface UpsertParams {
  readonly call: Call;
  /** Items from the first on, each written once. */
  readonly items: number;
  /** Asked before each request. @defaultValue it goes on */
  readonly stop?: () => boolean;
  /** Items a second. @defaultValue as many as there can be */
  readonly rate?: number;
}

/** @returns how many items were written */
export async function upsert({ call, items, stop = () => false, rate }: UpsertParams): Promise<number> {
  const began = performance.now();
  let next = 0;
  let written = 0;
  const writer = async (): Promise<void> => {
    while (next < items && !stop()) {
      const first = next;
      next += PER_REQUEST;
      if (rate !== undefined) await until(began + (first / rate) * 1000);
      const count = Math.min(PER_REQUEST, items - first);
      const answer = await call('BatchWriteItem', batchOf(first, count));
      if (Object.keys(answer['UnprocessedItems'] as object).length > 0) throw new Error('not all was taken');
      written += count;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  return written;
}

function until(time: number): Promise<void> | undefined {
  const left = time - performance.now();
  return left > 0 ? new Promise((resolve) => setTimeout(resolve, left)) : undefined;
}

export async function countOf(call: Call): Promise<number> {
  let count = 0;
  for (let start: JsonObject = {}; ;) {
    const { Count, LastEvaluatedKey } = await call('Scan', { TableName: TABLE, Select: 'COUNT', ...start });
    count += Number(Count);
    if (LastEvaluatedKey === undefined) return count;
    start = { ExclusiveStartKey: LastEvaluatedKey };
  }
}

/** A client that signs nothing. */
export function openClient(endpoint: string): { readonly call: Call; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const call: Call = async (action, body) => {
    const outgoing = request(endpoint, {
      agent,
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': `DynamoDB_20120810.${action}`,
        Authorization: 'AWS4-HMAC-SHA256 Credential=bench',
      },
    });
    outgoing.end(JSON.stringify(body));
    const [incoming] = await once(outgoing, 'response');
    const answer = (await json(incoming)) as JsonObject;
    if (incoming.statusCode !== 200) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return { call, close: () => agent.destroy() };
}

function batchOf(first: number, count: number): JsonObject {
  const requests = Array.from({ length: count }, (_, i) => {
    const n = first + i;
    const Item = {
      id: { S: String(n).padStart(9, '0') },
      region: { S: 'Sub-Saharan Africa' },
      note: { S: 'x'.repeat(120) },
      units: { N: String(n % 10_000) },
      paid: { BOOL: n % 2 === 0 },
    };
    return { PutRequest: { Item } };
  });
  return { RequestItems: { [TABLE]: requests } };
}
