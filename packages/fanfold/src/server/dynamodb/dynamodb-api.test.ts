/** The DynamoDB API over real HTTP, by AWS's own clients. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  paginateScan,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { type LocalTables, openLocalTables } from '../../services/dynamodb/tables.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';

const AUTHORIZED = { Authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request' };

describe('the DynamoDB API on the wire', () => {
  let directory: string;
  let tables: LocalTables;
  let server: TestServer;
  let client: DynamoDBClient;
  let documents: DynamoDBDocumentClient;
  let time = 0;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-wire-'));
    const partitionKey = { name: 'id', type: 'S' } as const;
    const throughput = { reads: 5, writes: 5, burstSeconds: 0 };
    tables = await openLocalTables({
      directory,
      tables: [
        { table: 'fixed', partitionKey },
        { table: 'slow', partitionKey, throughput },
      ],
      now: () => time,
    });
    server = await startTestServer({ tables: tables.api });
    client = new DynamoDBClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
    documents = DynamoDBDocumentClient.from(client);
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    await tables.close();
    rmSync(directory, { recursive: true });
  });

  const post = (
    target: string,
    body: string,
    headers: Readonly<Record<string, string>> = AUTHORIZED,
  ): Promise<Response> =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': target, ...headers },
      body,
    });
  const refused = async (response: Promise<Response>): Promise<readonly unknown[]> => {
    const answer = await response;
    const body = (await answer.json()) as JsonObject;
    return [answer.status, body['__type'], body['message']];
  };

  it('makes, shows, changes, lists and deletes tables', async () => {
    const TableName = 'made';
    const create = new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: 'p', KeyType: 'HASH' },
        { AttributeName: 's', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'p', AttributeType: 'S' },
        { AttributeName: 's', AttributeType: 'N' },
      ],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
    });
    const made = await client.send(create);
    expect(made.TableDescription).toMatchObject({
      TableName,
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/made',
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
      ItemCount: 0,
    });
    await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 60 }, { TableName });
    await expect(client.send(create)).rejects.toThrow(ResourceInUseException);
    await client.send(new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }));
    await documents.send(new PutCommand({ TableName, Item: { p: 'a', s: 1 } }));
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }, { KeyType: 'RANGE' }],
      ItemCount: 1,
      TableSizeBytes: 5,
    });
    expect((await client.send(new ListTablesCommand({ Limit: 1 }))).LastEvaluatedTableName).toBe('fixed');
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['fixed', 'made', 'slow']);
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, minDelay: 1, maxWaitTime: 60 }, { TableName });
    await expect(documents.send(new GetCommand({ TableName, Key: { p: 'a', s: 1 } }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    await client.send(create);
    expect((await client.send(new DescribeTableCommand({ TableName }))).Table?.ItemCount).toBe(0);
    await client.send(new DeleteTableCommand({ TableName }));
  });

  it('keeps the tables of the project', async () => {
    await expect(client.send(new DeleteTableCommand({ TableName: 'fixed' }))).rejects.toThrow(
      'Resource cannot be deleted as it is currently protected against deletion',
    );
    await expect(
      client.send(new UpdateTableCommand({ TableName: 'fixed', BillingMode: 'PAY_PER_REQUEST' })),
    ).rejects.toThrow('belongs to the project');
  });

  it('takes and gives documents of every type', async () => {
    const Item = {
      id: 'types',
      text: 'ü',
      number: -1.5,
      yes: true,
      nothing: null,
      bytes: new Uint8Array([1, 2, 255]),
      list: [1, 'a', { deep: [] }],
      set: new Set(['a', 'b']),
      numbers: new Set([1, 2]),
    };
    await documents.send(new PutCommand({ TableName: 'fixed', Item }));
    const { Item: found } = await documents.send(new GetCommand({ TableName: 'fixed', Key: { id: 'types' } }));
    expect(found).toEqual(Item);
  });

  it('updates on a condition, and tells what was there when it does not hold', async () => {
    const Key = { id: 'progress' };
    const add = (chunk: string) =>
      documents.send(
        new UpdateCommand({
          TableName: 'fixed',
          Key,
          UpdateExpression: 'ADD done :chunk, #c :one SET seen = if_not_exists(seen, :seen)',
          ConditionExpression: 'attribute_not_exists(done) OR NOT contains(done, :name)',
          ExpressionAttributeNames: { '#c': 'count' },
          ExpressionAttributeValues: { ':chunk': new Set([chunk]), ':name': chunk, ':one': 1, ':seen': 'first' },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
    await add('1');
    expect((await add('2')).Attributes).toEqual({ ...Key, done: new Set(['1', '2']), count: 2, seen: 'first' });
    const error = await add('2').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item?.['count']).toEqual({ N: '2' });
    const gone = await documents.send(new DeleteCommand({ TableName: 'fixed', Key, ReturnValues: 'ALL_OLD' }));
    expect(gone.Attributes?.['count']).toBe(2);
  });

  it('writes and reads in batches, queries, and pages through a scan', async () => {
    const TableName = 'many';
    await client.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [
          { AttributeName: 'p', KeyType: 'HASH' },
          { AttributeName: 's', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'p', AttributeType: 'S' },
          { AttributeName: 's', AttributeType: 'N' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const items = Array.from({ length: 25 }, (_, s) => ({ p: 'a', s, even: s % 2 === 0 }));
    const written = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }),
    );
    expect(written.UnprocessedItems).toEqual({});
    const Keys = items.map(({ p, s }) => ({ p, s }));
    const { Responses } = await documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(Responses?.[TableName]).toEqual(items);
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await documents.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'p = :p AND s BETWEEN :low AND :high',
        FilterExpression: 'even = :yes',
        ProjectionExpression: 's',
        ExpressionAttributeValues: { ':p': 'a', ':low': 3, ':high': 12, ':yes': true },
        ScanIndexForward: false,
        Limit: 5,
      }),
    );
    expect({ Items, Count, ScannedCount, LastEvaluatedKey }).toEqual({
      Items: [{ s: 12 }, { s: 10 }, { s: 8 }],
      Count: 3,
      ScannedCount: 5,
      LastEvaluatedKey: { p: 'a', s: 8 },
    });
    let pages = 0;
    let all = 0;
    for await (const page of paginateScan({ client, pageSize: 10 }, { TableName })) {
      pages += 1;
      all += page.Count ?? 0;
    }
    expect([pages, all]).toEqual([3, 25]);
  });

  it('says what a batch of writes has cost, by the larger of what was there and what is', async () => {
    const write = (...writes: object[]) =>
      documents.send(
        new BatchWriteCommand({ RequestItems: { fixed: writes as never }, ReturnConsumedCapacity: 'TOTAL' }),
      );
    const put = (id: string, bytes: number) => ({ PutRequest: { Item: { id, text: 'x'.repeat(bytes) } } });
    const units = async (...writes: object[]) => (await write(...writes)).ConsumedCapacity?.[0]?.CapacityUnits;
    expect(await units(put('cost a', 3000), put('cost b', 10))).toBe(4);
    expect(await units(put('cost a', 10), put('cost b', 1500), put('cost c', 10))).toBe(6);
    const remove = (id: string) => ({ DeleteRequest: { Key: { id } } });
    expect(await units(remove('cost a'), remove('cost b'), remove('cost c'), remove('cost d'))).toBe(5);
    expect((await documents.send(new GetCommand({ TableName: 'fixed', Key: { id: 'cost b' } }))).Item).toBeUndefined();
  });

  it('throttles, and lets through again as time passes', async () => {
    const puts = (n: number) => Array.from({ length: n }, (_, i) => ({ PutRequest: { Item: { id: `${time} ${i}` } } }));
    const write = (n: number) => documents.send(new BatchWriteCommand({ RequestItems: { slow: puts(n) } }));
    expect((await write(7)).UnprocessedItems?.['slow']).toHaveLength(2);
    await expect(write(2)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    time += 400;
    expect((await write(3)).UnprocessedItems?.['slow']).toHaveLength(1);
    time += 60_000;
    expect((await write(6)).UnprocessedItems?.['slow']).toHaveLength(1);
  });

  it('says by the checksum what it sends', async () => {
    const response = await post('DynamoDB_20120810.ListTables', '{}');
    const text = await response.text();
    expect(response.headers.get('x-amz-crc32')).toBe(String(crc32(text)));
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['DynamoDB_20120810.ListTables', '{', 'com.amazon.coral.service#SerializationException', 'The request is not JSON'],
    ['DynamoDB_20120810.ListTables', '[]', 'com.amazon.coral.service#SerializationException', 'must be a JSON object'],
    ['DynamoDB_20120810.Nonsense', '{}', 'com.amazon.coral.service#UnknownOperationException', 'no action Nonsense'],
    ['DynamoDB_20120810.__proto__', '{}', 'com.amazon.coral.service#UnknownOperationException', 'no action __proto__'],
    ['DynamoDB_20110101.ListTables', '{}', 'UnknownOperationException', 'DynamoDB_20120810.*'],
    [
      'DynamoDB_20120810.PutItem',
      '{"TableName":"fixed","Item":{"id":{"S":"a"}},"Expected":{}}',
      'com.amazon.coral.validate#ValidationException',
      'The parameter Expected is not supported: use ConditionExpression',
    ],
    [
      'DynamoDB_20120810.GetItem',
      '{"TableName":"none","Key":{"id":{"S":"a"}}}',
      'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
      'Requested resource not found',
    ],
  ])('refuses %s with %s', async (target, body, type, message) => {
    expect(await refused(post(target, body))).toEqual([400, type, expect.stringContaining(message)]);
  });

  it('refuses what nobody signed, and what a page of another origin could send', async () => {
    const [status, type] = await refused(post('DynamoDB_20120810.ListTables', '{}', {}));
    expect([status, type]).toEqual([400, 'com.amazon.coral.service#MissingAuthenticationTokenException']);
    const plain = { ...AUTHORIZED, 'Content-Type': 'text/plain' };
    expect((await refused(post('DynamoDB_20120810.ListTables', '{}', plain)))[0]).toBe(415);
    const foreign = { ...AUTHORIZED, Origin: 'https://example.com' };
    expect((await post('DynamoDB_20120810.ListTables', '{}', foreign)).status).toBe(403);
  });

  it('refuses a request that is too long', async () => {
    const response = await post('DynamoDB_20120810.ListTables', ' '.repeat(17 * 1024 * 1024));
    expect(response.status).toBe(413);
    await response.text();
  });
});
