import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { JsonObject } from '../../json.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { createDynamodbSdkService, createDynamodbService } from './service.ts';
import { type LocalTables, openLocalTables } from './tables.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

describe('the resources arn:aws:states:::dynamodb:…', () => {
  let directory: string;
  let tables: LocalTables;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-dynamodb-'));
    const description = { table: 'orders', partitionKey: { name: 'id', type: 'S' as const } };
    tables = await openLocalTables({ directory, tables: [description] });
  });
  afterAll(async () => {
    await tables.close();
    rmSync(directory, { recursive: true });
  });

  const perform = (resource: string, parameters: JsonObject): Promise<TaskOutcome> =>
    createDynamodbService(tables.api, () => Date.UTC(2026, 0, 1)).perform({
      task: { executionArn: 'arn', frame: 'f', attempt: 1 },
      resource,
      parameters: Value.ofJson(parameters),
      stateName: 'S',
      idempotencyKey: 'k',
      signal: new AbortController().signal,
    });
  const putItem = (parameters: JsonObject) => perform('arn:aws:states:::dynamodb:putItem', parameters);
  const getItem = (parameters: JsonObject) => perform('arn:aws:states:::dynamodb:getItem', parameters);
  /** The error, and the cause with its request id made the same for all. */
  const failure = (outcome: TaskOutcome): readonly unknown[] =>
    outcome.kind === 'failed' ? [outcome.error, outcome.cause?.replace(UUID, '<id>')] : [outcome];
  const output = (outcome: TaskOutcome): JsonObject => {
    if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
    return outcome.output.json as JsonObject;
  };
  const cause = (message: string, code: string): string =>
    `${message} (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ${code}; Request ID: <id>; Proxy: null)`;

  it('puts an item and answers as the optimised integration does', async () => {
    const response = output(await putItem({ TableName: 'orders', Item: { id: { S: '1' }, n: { N: '1.50' } } }));
    const { RequestId } = response.SdkResponseMetadata as { RequestId: string };
    expect(RequestId).toMatch(UUID);
    const headers = {
      Server: 'Server',
      Connection: 'keep-alive',
      'x-amzn-RequestId': RequestId,
      'x-amz-crc32': '2745614147',
      'Content-Length': '2',
      Date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'Content-Type': 'application/x-amz-json-1.0',
    };
    expect(response).toEqual({
      SdkHttpMetadata: {
        AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
        HttpHeaders: headers,
        HttpStatusCode: 200,
      },
      SdkResponseMetadata: { RequestId },
    });
  });

  it('gets an item, by the name or the ARN of its table', async () => {
    await putItem({ TableName: 'orders', Item: { id: { S: '1' }, n: { N: '1.50' } } });
    for (const TableName of ['orders', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders']) {
      const response = output(await getItem({ TableName, Key: { id: { S: '1' } }, ConsistentRead: true }));
      expect(response.Item).toEqual({ id: { S: '1' }, n: { N: '1.5' } });
      expect(response).toHaveProperty('SdkHttpMetadata.HttpStatusCode', 200);
    }
    const missing = output(await getItem({ TableName: 'orders', Key: { id: { S: 'none' } } }));
    expect(Object.keys(missing)).toEqual(['SdkHttpMetadata', 'SdkResponseMetadata']);
  });

  it('puts on the condition that there is no such item', async () => {
    const request = {
      TableName: 'orders',
      Item: { id: { S: 'once' } },
      ConditionExpression: 'attribute_not_exists( id )',
    };
    output(await putItem(request));
    expect(failure(await putItem(request))).toEqual([
      'DynamoDB.ConditionalCheckFailedException',
      cause('The conditional request failed', 'ConditionalCheckFailedException'),
    ]);
  });

  it('fails as recorded when there is no such table', async () => {
    const expected = [
      'DynamoDB.ResourceNotFoundException',
      cause('Requested resource not found', 'ResourceNotFoundException'),
    ];
    const item = { id: { S: '1' } };
    expect(failure(await putItem({ TableName: 'none', Item: item }))).toEqual(expected);
    expect(failure(await getItem({ TableName: 'none', Key: item }))).toEqual(expected);
    const conditional = { TableName: 'none', Item: item, ConditionExpression: 'attribute_not_exists(id)' };
    expect(failure(await putItem(conditional))).toEqual(expected);
  });

  it('fails as recorded when a parameter is null', async () => {
    expect(failure(await putItem({ TableName: 'none', Item: null }))).toEqual([
      'DynamoDB.AmazonDynamoDBException',
      cause(
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null",
        'ValidationException',
      ),
    ]);
    expect(failure(await getItem({}))[1]).toMatch(
      /^2 validation errors detected: Value null at 'tableName' .*; Value null at 'key' /,
    );
  });

  it('hands on what the table refuses', async () => {
    expect(failure(await putItem({ TableName: 'orders', Item: { id: { N: '1' } } }))).toEqual([
      'DynamoDB.AmazonDynamoDBException',
      cause(
        'One or more parameter values were invalid: Type mismatch for key id expected: S actual: N',
        'ValidationException',
      ),
    ]);
  });

  it.each([
    ['AttributesToGet', ['id'], 'AttributesToGet is not supported: use ProjectionExpression'],
    ['ReturnConsumedCapacity', 7, 'NUMBER_VALUE cannot be converted to String: the parameter ReturnConsumedCapacity'],
    ['ConsistentRead', 'yes', 'STRING_VALUE cannot be converted to Boolean: the parameter ConsistentRead'],
    ['Nonsense', 1, 'Nonsense is not supported: known are TableName, Key'],
    ['constructor', 1, 'constructor is not supported'],
  ])('refuses %s by name', async (field, value, words) => {
    const [error, text] = failure(await getItem({ TableName: 'orders', Key: { id: { S: '1' } }, [field]: value }));
    expect(error).toBe('States.Runtime');
    expect(text).toContain(words);
  });

  it.each([
    ['attribute_exists(#i)', 'An expression attribute name used in the document path is not defined'],
    ['', 'The expression can not be empty;'],
    ['id = :x', 'An expression attribute value used in expression is not defined; attribute value: :x'],
    ['id id', 'Syntax error; token: "id", near: "id id"'],
  ])('refuses the condition %j, and writes nothing', async (condition, words) => {
    const Item = { id: { S: 'refused' } };
    const [error, text] = failure(await putItem({ TableName: 'orders', Item, ConditionExpression: condition }));
    expect(error).toBe('DynamoDB.AmazonDynamoDBException');
    expect(text).toContain(`Invalid ConditionExpression: ${words}`);
    expect(await tables.get({ table: 'orders', key: Item })).toBeUndefined();
  });

  it('updates and deletes', async () => {
    const Key = { id: { S: 'counted' } };
    const update = {
      TableName: 'orders',
      Key,
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'UPDATED_NEW',
    };
    await perform('arn:aws:states:::dynamodb:updateItem', update);
    const second = output(await perform('arn:aws:states:::dynamodb:updateItem', update));
    expect(second.Attributes).toEqual({ n: { N: '2' } });
    expect(second).toHaveProperty('SdkHttpMetadata.HttpStatusCode', 200);
    const gone = { TableName: 'orders', Key, ReturnValues: 'ALL_OLD' };
    expect(output(await perform('arn:aws:states:::dynamodb:deleteItem', gone)).Attributes).toEqual({
      ...Key,
      n: { N: '2' },
    });
    expect(await tables.get({ table: 'orders', key: Key })).toBeUndefined();
  });

  it.each(['arn:aws:states:::dynamodb:query', 'arn:aws:states:::sqs:putItem', 'nonsense'])(
    'refuses the resource %s',
    async (resource) => {
      expect(failure(await perform(resource, {}))[0]).toBe('States.Runtime');
    },
  );
});

describe('the resources arn:aws:states:::aws-sdk:dynamodb:…', () => {
  let directory: string;
  let tables: LocalTables;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-dynamodb-'));
    const keys = { partitionKey: { name: 'p', type: 'S' as const }, sortKey: { name: 's', type: 'N' as const } };
    tables = await openLocalTables({ directory, tables: [{ table: 'sorted', ...keys }] });
  });
  afterAll(async () => {
    await tables.close();
    rmSync(directory, { recursive: true });
  });

  const perform = (action: string, parameters: JsonObject): Promise<TaskOutcome> =>
    createDynamodbSdkService(tables.api).perform({
      task: { executionArn: 'arn', frame: 'f', attempt: 1 },
      resource: `arn:aws:states:::aws-sdk:dynamodb:${action}`,
      parameters: Value.ofJson(parameters),
      stateName: 'S',
      idempotencyKey: 'k',
      signal: new AbortController().signal,
    });
  const output = async (action: string, parameters: JsonObject): Promise<JsonObject> => {
    const outcome = await perform(action, parameters);
    if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
    return outcome.output.json as JsonObject;
  };
  const TableName = 'sorted';

  it('answers with nothing but the members, in the names of the SDK for Java', async () => {
    const Item = { p: { S: 'a' }, s: { N: '1' }, on: { Bool: true }, none: { Nul: true }, set: { Ss: ['x'] } };
    expect(await output('putItem', { TableName, Item })).toEqual({});
    const Key = { p: Item.p, s: Item.s };
    expect(await output('getItem', { TableName, Key })).toEqual({ Item });
    expect(await tables.get({ table: TableName, key: Key })).toMatchObject({ on: { BOOL: true }, set: { SS: ['x'] } });
  });

  it('writes many, queries and scans', async () => {
    const items = Array.from({ length: 3 }, (_, i) => ({
      p: { S: 'many' },
      s: { N: `${i}` },
      l: { L: [{ Bool: true }] },
    }));
    const RequestItems = { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) };
    expect(await output('batchWriteItem', { RequestItems })).toEqual({ UnprocessedItems: {} });
    const query = {
      TableName,
      KeyConditionExpression: 'p = :p AND s > :s',
      ExpressionAttributeValues: { ':p': { S: 'many' }, ':s': { N: '0' } },
      ScanIndexForward: false,
    };
    expect(await output('query', query)).toEqual({ Count: 2, ScannedCount: 2, Items: [items[2], items[1]] });
    expect(await output('scan', { TableName, Select: 'COUNT' })).toMatchObject({ ScannedCount: 4 });
    const Keys = items.map(({ p, s }) => ({ p, s }));
    const got = await output('batchGetItem', { RequestItems: { [TableName]: { Keys } } });
    expect(got).toEqual({ Responses: { [TableName]: items }, UnprocessedKeys: {} });
  });

  it.each([
    ['getItem', { TableName: 'none', Key: {} }, 'ResourceNotFoundException', 'Requested resource not found'],
    [
      'putItem',
      { TableName, Item: { p: { S: 'a' }, s: { N: '1' } }, ConditionExpression: 'attribute_exists(gone)' },
      'ConditionalCheckFailedException',
      'The conditional request failed',
    ],
    [
      'putItem',
      { TableName, Item: {} },
      'DynamoDbException',
      'One or more parameter values were invalid: Missing the key p in the item',
    ],
  ])('fails %s in the words of the SDK: %j', async (action, parameters, name, message) => {
    const outcome = await perform(action, parameters);
    expect(outcome).toMatchObject({ kind: 'failed', error: `DynamoDb.${name}` });
    const { cause = '' } = outcome as { readonly cause?: string };
    expect(cause.replace(UUID, '<id>')).toBe(
      `${message} (Service: DynamoDb, Status Code: 400, Request ID: <id>) (SDK Attempt Count: 1)`,
    );
  });

  it.each(['transactWriteItems', 'executeStatement'])('refuses %s', async (action) => {
    expect(await perform(action, {})).toMatchObject({ kind: 'failed', error: 'States.Runtime' });
  });
});
