/** What every implementation of the port `TableApi` does, held against a simple model. It starts without tables. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { AttributeValue, Item, TableApi } from '../ports/tables.ts';

export interface OpenedTableApi {
  readonly api: TableApi;
  close(): Promise<void>;
}

type Asked = { readonly action: string; readonly request: JsonObject };

/** A table as a map; `n` is a number that is added to, `t` a set, `a` anything. */
type Model = Map<string, Item>;

const keys = fc.record({ p: fc.constantFrom('x', 'y'), s: fc.integer({ min: 0, max: 4 }) });
type Key = { readonly p: string; readonly s: number };
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((n) => ({ N: String(n) })),
  fc.constantFrom('', 'a', 'ü').map((text) => ({ S: text })),
  fc.boolean().map((yes) => ({ BOOL: yes })),
);

interface Step {
  readonly asked: (table: string) => Asked;
  /** Changes the model and tells what the answer, or the name of the refusal, is to be. */
  readonly play: (model: Model) => JsonObject | string;
}

const keyItem = ({ p, s }: Key): Item => ({ p: { S: p }, s: { N: String(s) } });
const nameOf = ({ p, s }: Key): string => `${p} ${s}`;
const numberIn = (item: Item | undefined): number => Number((item?.['n'] as { N: string } | undefined)?.N ?? 0);
const FAILED = 'ConditionalCheckFailedException';
const old = (item: Item | undefined): JsonObject => (item ? { Attributes: item } : {});

const put = (key: Key, a: AttributeValue, isNew: boolean): Step => ({
  asked: (TableName) => ({
    action: 'PutItem',
    request: {
      TableName,
      Item: { ...keyItem(key), a },
      ReturnValues: 'ALL_OLD',
      ...(isNew && { ConditionExpression: 'attribute_not_exists(p)' }),
    },
  }),
  play: (model) => {
    const before = model.get(nameOf(key));
    if (isNew && before) return FAILED;
    model.set(nameOf(key), { ...keyItem(key), a });
    return old(before);
  },
});

const add = (key: Key, n: number, most: number): Step => ({
  asked: (TableName) => ({
    action: 'UpdateItem',
    request: {
      TableName,
      Key: keyItem(key),
      UpdateExpression: 'SET n = if_not_exists(n, :zero) + :n REMOVE a',
      ConditionExpression: 'attribute_not_exists(n) OR n <= :most',
      ExpressionAttributeValues: { ':zero': { N: '0' }, ':n': { N: String(n) }, ':most': { N: String(most) } },
      ReturnValues: 'ALL_NEW',
    },
  }),
  play: (model) => {
    const before = model.get(nameOf(key));
    if (before && 'n' in before && numberIn(before) > most) return FAILED;
    const { a: _, ...rest } = before ?? keyItem(key);
    const after = { ...rest, n: { N: String(numberIn(before) + n) } } as Item;
    model.set(nameOf(key), after);
    return { Attributes: after };
  },
});

const addToSet = (key: Key, text: string, gone: boolean): Step => ({
  asked: (TableName) => ({
    action: 'UpdateItem',
    request: {
      TableName,
      Key: keyItem(key),
      UpdateExpression: `${gone ? 'DELETE' : 'ADD'} t :t`,
      ExpressionAttributeValues: { ':t': { SS: [text] } },
      ReturnValues: 'UPDATED_NEW',
    },
  }),
  play: (model) => {
    const before = model.get(nameOf(key)) ?? keyItem(key);
    const had = (before['t'] as { SS: readonly string[] } | undefined)?.SS ?? [];
    const rest = had.filter((each) => each !== text);
    const SS = gone ? rest : had.includes(text) ? had : [...had, text];
    const { t: _, ...others } = before;
    const t = SS.length > 0 ? { t: { SS } } : {};
    model.set(nameOf(key), { ...others, ...t } as Item);
    return old(SS.length > 0 ? (t as Item) : undefined);
  },
});

const writeMany = (puts: readonly Key[], deletions: readonly Key[], a: AttributeValue): Step => ({
  asked: (table) => ({
    action: 'BatchWriteItem',
    request: {
      RequestItems: {
        [table]: [
          ...puts.map((key) => ({ PutRequest: { Item: { ...keyItem(key), a } } })),
          ...deletions.map((key) => ({ DeleteRequest: { Key: keyItem(key) } })),
        ],
      },
    },
  }),
  play: (model) => {
    const names = [...puts, ...deletions].map(nameOf);
    if (names.length === 0 || new Set(names).size < names.length) return 'ValidationException';
    for (const key of puts) model.set(nameOf(key), { ...keyItem(key), a });
    for (const key of deletions) model.delete(nameOf(key));
    return { UnprocessedItems: {} };
  },
});

const remove = (key: Key): Step => ({
  asked: (TableName) => ({
    action: 'DeleteItem',
    request: { TableName, Key: keyItem(key), ReturnValues: 'ALL_OLD' },
  }),
  play: (model) => {
    const before = model.get(nameOf(key));
    model.delete(nameOf(key));
    return old(before);
  },
});

const get = (key: Key): Step => ({
  asked: (TableName) => ({ action: 'GetItem', request: { TableName, Key: keyItem(key) } }),
  play: (model) => {
    const item = model.get(nameOf(key));
    return item ? { Item: item } : {};
  },
});

const query = (p: string, low: number, forward: boolean, limit: number, isFiltered: boolean): Step => ({
  asked: (TableName) => ({
    action: 'Query',
    request: {
      TableName,
      KeyConditionExpression: 'p = :p AND s >= :low',
      ...(isFiltered && { FilterExpression: 'attribute_exists(n)' }),
      ExpressionAttributeValues: { ':p': { S: p }, ':low': { N: String(low) } },
      ScanIndexForward: forward,
      Limit: limit,
    },
  }),
  play: (model) => {
    const all = Array.from({ length: 5 }, (_, s) => model.get(nameOf({ p, s })))
      .slice(low)
      .filter((item) => item !== undefined);
    const seen = (forward ? all : all.reverse()).slice(0, limit);
    const Items = seen.filter((item) => !isFiltered || 'n' in item);
    const last = seen.length === limit ? seen.at(-1) : undefined;
    const next = last && { LastEvaluatedKey: { p: last['p'], s: last['s'] } as JsonObject };
    return { Items, Count: Items.length, ScannedCount: seen.length, ...next };
  },
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(keys, value, fc.boolean()).map((args) => put(...args)),
  fc.tuple(keys, fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 9 })).map((args) => add(...args)),
  fc.tuple(keys, fc.constantFrom('1', '2', '3'), fc.boolean()).map((args) => addToSet(...args)),
  keys.map(remove),
  fc.tuple(fc.array(keys, { maxLength: 3 }), fc.array(keys, { maxLength: 3 }), value).map((args) => writeMany(...args)),
  keys.map(get),
  fc
    .tuple(
      fc.constantFrom('x', 'y'),
      fc.integer({ min: 0, max: 4 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
    )
    .map((args) => query(...args)),
);

export function tableApiSuite(name: string, open: () => Promise<OpenedTableApi>): void {
  describe(`the API of tables of ${name}`, () => {
    let opened: OpenedTableApi;
    let count = 0;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const create = async (): Promise<string> => {
      const TableName = `model-${count++}`;
      await opened.api.call('CreateTable', {
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
      });
      return TableName;
    };
    /** As bytes, where they are taken so. */
    const callUnread: TableApi['call'] = async (action, request) => {
      const unread = opened.api.unread?.[action];
      if (!unread) return opened.api.call(action, request);
      return JSON.parse(await unread(Buffer.from(JSON.stringify(request)))) as JsonObject;
    };
    const answered = (call: TableApi['call'], { action, request }: Asked): Promise<JsonObject | string> =>
      call(action, request).catch((error: { readonly code?: string }) => error.code ?? String(error));

    it('does what the model does, one after the other or all in one turn', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 40 }),
          fc.boolean(),
          fc.boolean(),
          async (steps, atOnce, isUnread) => {
            const call = isUnread ? callUnread : opened.api.call;
            const table = await create();
            const model: Model = new Map();
            const wanted = steps.map(({ play }) => play(model));
            const found: (JsonObject | string)[] = [];
            if (atOnce) found.push(...(await Promise.all(steps.map(({ asked }) => answered(call, asked(table))))));
            else for (const { asked } of steps) found.push(await answered(call, asked(table)));
            expect(found).toEqual(wanted);
            const { Items, LastEvaluatedKey } = await opened.api.call('Scan', { TableName: table });
            const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
            expect([Items, LastEvaluatedKey]).toEqual([sorted, undefined]);
            await opened.api.call('DeleteTable', { TableName: table });
          },
        ),
        { numRuns: 60 },
      );
    });

    it('counts up exactly, however many count at once', async () => {
      const TableName = await create();
      const Key = keyItem({ p: 'x', s: 0 });
      const request = {
        TableName,
        Key,
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      await Promise.all(Array.from({ length: 200 }, () => opened.api.call('UpdateItem', request)));
      expect(await opened.api.call('GetItem', { TableName, Key })).toEqual({ Item: { ...Key, n: { N: '200' } } });
    });

    it('ends a page at a megabyte, what the filter drops counted in', async () => {
      const TableName = await create();
      const big = { S: 'x'.repeat(200_000) };
      for (let s = 0; s < 12; s++)
        await opened.api.call('PutItem', { TableName, Item: { ...keyItem({ p: 'x', s }), big } });
      const request = {
        TableName,
        FilterExpression: 'attribute_not_exists(big)',
        ReturnConsumedCapacity: 'TOTAL',
      };
      const first = await opened.api.call('Scan', request);
      expect(first).toMatchObject({ Items: [], Count: 0, ScannedCount: 6, LastEvaluatedKey: { s: { N: '5' } } });
      expect(first['ConsumedCapacity']).toEqual({ TableName, CapacityUnits: Math.ceil((6 * 200_008) / 4096) / 2 });
      const { LastEvaluatedKey: ExclusiveStartKey = null } = first;
      const second = await opened.api.call('Scan', { ...request, ExclusiveStartKey, Select: 'COUNT' });
      expect(second).toMatchObject({ Count: 0, ScannedCount: 6 });
    });

    it('leaves an item that grows too large as it is', async () => {
      const TableName = await create();
      const Key = keyItem({ p: 'x', s: 0 });
      await opened.api.call('PutItem', { TableName, Item: { ...Key, l: { L: [{ S: 'x'.repeat(300_000) }] } } });
      const grow = opened.api.call('UpdateItem', { TableName, Key, UpdateExpression: 'SET l = list_append(l, l)' });
      await expect(grow).rejects.toThrow('Item size to update has exceeded the maximum allowed size');
      const { Item: kept } = await opened.api.call('GetItem', { TableName, Key });
      expect((kept as { readonly l: { readonly L: readonly unknown[] } }).l.L).toHaveLength(1);
    });

    it.each<[string, string, JsonObject, string]>([
      [
        'a key',
        'UpdateItem',
        { UpdateExpression: 'REMOVE s' },
        'Cannot update attribute s. This attribute is part of the key',
      ],
      ['a return value', 'DeleteItem', { ReturnValues: 'ALL_NEW' }, 'Return values set to invalid value'],
      ['an enum', 'DeleteItem', { ReturnValues: 'ALL' }, 'Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD'],
      [
        'what came before expressions',
        'UpdateItem',
        { AttributeUpdates: {} },
        'AttributeUpdates is not supported: use UpdateExpression',
      ],
      [
        'what is not used',
        'UpdateItem',
        { UpdateExpression: 'REMOVE b', ExpressionAttributeNames: { '#a': 'a' } },
        'unused in expressions: keys: {#a}',
      ],
    ])('refuses %s', async (_, action, rest, message) => {
      const TableName = await create();
      const act = opened.api.call(action, { TableName, Key: keyItem({ p: 'x', s: 0 }), ...rest });
      await expect(act).rejects.toMatchObject({
        code: 'ValidationException',
        message: expect.stringContaining(message),
      });
    });

    it.each<[JsonObject, string]>([
      [{}, 'Either the KeyConditions or KeyConditionExpression parameter must be specified'],
      [{ KeyConditionExpression: 'p = :p', FilterExpression: 's = :p' }, 'Primary key attribute: s'],
      [
        { KeyConditionExpression: 'p = :p', Select: 'SPECIFIC_ATTRIBUTES' },
        'Must specify the AttributesToGet or ProjectionExpression',
      ],
      [
        { KeyConditionExpression: 'p = :p', Select: 'COUNT', ProjectionExpression: 'a' },
        'choosing to get only the Count',
      ],
      [{ KeyConditionExpression: 'p = :p', Limit: 0 }, 'Member must have value greater than or equal to 1'],
      [{ KeyConditionExpression: 'p = :p', IndexName: 'i' }, 'The parameter IndexName is not supported'],
      [{ KeyConditionExpression: 'p = :p', ExclusiveStartKey: keyItem({ p: 'y', s: 1 }) }, 'outside query boundaries'],
      [
        { KeyConditionExpression: 'p = :p AND s > :s', ExclusiveStartKey: keyItem({ p: 'x', s: 1 }) },
        'does not match the range key predicate',
      ],
      [
        { KeyConditionExpression: 'p = :p', ExclusiveStartKey: { p: { S: 'x' } } },
        'The provided starting key is invalid',
      ],
    ])('refuses the query %j', async (rest, message) => {
      const TableName = await create();
      const values = { ':p': { S: 'x' }, ...(JSON.stringify(rest).includes(':s') && { ':s': { N: '2' } }) };
      const given = 'KeyConditionExpression' in rest ? { ExpressionAttributeValues: values } : {};
      const act = opened.api.call('Query', { TableName, ...given, ...rest });
      await expect(act).rejects.toMatchObject({
        code: 'ValidationException',
        message: expect.stringContaining(message),
      });
    });

    it('refuses batches that are too long, empty, or have a key twice', async () => {
      const TableName = await create();
      const puts = (n: number, same = false) =>
        Array.from({ length: n }, (_, s) => ({ PutRequest: { Item: keyItem({ p: 'x', s: same ? 0 : s }) } }));
      for (const call of [opened.api.call, callUnread]) {
        const ask = (RequestItems: JsonObject) => call('BatchWriteItem', { RequestItems });
        const write = (list: readonly JsonObject[]) => ask({ [TableName]: list });
        await expect(write(puts(26))).rejects.toThrow('Too many items requested for the BatchWriteItem call');
        await expect(write(puts(2, true))).rejects.toThrow('Provided list of item keys contains duplicates');
        await expect(write([])).rejects.toThrow('Member must have length less than or equal to 25');
        await expect(write([{}])).rejects.toThrow('must contain exactly one of the supported datatypes');
        await expect(write([{ UpdateRequest: {} }])).rejects.toThrow('UpdateRequest is not supported');
        await expect(ask({ none: puts(1) })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
        await expect(call('BatchWriteItem', { Nothing: {} })).rejects.toThrow('Nothing is not supported');
      }
      const Keys = Array.from({ length: 101 }, (_, s) => keyItem({ p: 'x', s }));
      const read = opened.api.call('BatchGetItem', { RequestItems: { [TableName]: { Keys } } });
      await expect(read).rejects.toThrow('Too many items requested for the BatchGetItem call');
      expect(await opened.api.call('Scan', { TableName })).toMatchObject({ Count: 0 });
    });

    it.each<[string, JsonObject, string]>([
      ['no keys', { KeySchema: [] }, 'Member must have length less than or equal to 2'],
      [
        'a sort key alone',
        { KeySchema: [{ AttributeName: 'p', KeyType: 'RANGE' }] },
        'The first KeySchemaElement is not a HASH key type',
      ],
      [
        'a key of no type',
        { AttributeDefinitions: [] },
        'Some index key attributes are not defined in AttributeDefinitions',
      ],
      [
        'a type too much',
        { AttributeDefinitions: ['p', 'q'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })) },
        'does not exactly match number of attributes defined',
      ],
      ['an index', { GlobalSecondaryIndexes: [] }, 'The parameter GlobalSecondaryIndexes is not supported'],
      ['no throughput', { BillingMode: 'PROVISIONED' }, 'must both be specified when BillingMode is PROVISIONED'],
      ['a bad name', { TableName: 'a b' }, 'Invalid table name "a b"'],
    ])('makes no table with %s', async (_, rest, message) => {
      const act = opened.api.call('CreateTable', {
        TableName: 'never',
        KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...rest,
      });
      await expect(act).rejects.toMatchObject({
        code: 'ValidationException',
        message: expect.stringContaining(message),
      });
    });
  });
}
