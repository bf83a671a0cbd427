/**
 * Conditions, updates, filters and projections beside dynalite, another implementation of DynamoDB: generated requests come
 * to the same items, the same answers and the same refusals in both. FANFOLD_SEED=… plays a run again.
 *
 * Left out, as dynalite 4.0.0 is not as AWS documents it there:
 * - Two attributes compared with each other of which none is there: dynalite finds them equal. AWS: a condition on an
 *   attribute that is not there is false, but for attribute_not_exists ("Working with items": a filter or condition on
 *   an attribute that an item does not have does not match).
 * - `<`, `>`, BETWEEN with true or false, null, lists, maps and sets: dynalite orders them. AWS orders "String, Number, or
 *   Binary (not a set type)" alone (API reference, ComparisonOperator).
 * - `=`, `<>` and IN with true or false, null, lists and maps: dynalite does not find false, nor two maps of the same content,
 *   equal. AWS: "a and b are equal" for any type, of lists and maps with all that is in them (ComparisonOperator, EQ).
 * - `contains` of a list with true, false or null: dynalite does not find them. AWS: "a List that contains a particular
 *   element within the list" (Comparison operator and function reference).
 * - A place inside of a map or list that is set to the map or list itself: dynalite makes it hold itself, and ends when it
 *   looks for its size. AWS evaluates all operands before it changes anything (Update expressions).
 * - An answer without attributes: dynalite has `Attributes: {}` where DynamoDB leaves the member out.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { type LocalTables, openLocalTables } from './tables.ts';

const TABLE = 'items';
/** The same each time: another may come upon a fault of dynalite that is not in the list above. */
const SEED = Number(process.env['FANFOLD_SEED'] ?? 5);
const RUNS = Number(process.env['FANFOLD_RUNS'] ?? 300);

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

let directory: string;
let tables: LocalTables;
let other: Server;
let url: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-dynalite-'));
  tables = await openLocalTables({ directory, tables: [] });
  other = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const create = {
    TableName: TABLE,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  for (const call of [ours, theirs]) await call('CreateTable', create);
  while (JSON.stringify(await theirs('DescribeTable', { TableName: TABLE })).includes('CREATING'));
});
afterAll(async () => {
  other.close();
  await tables.close();
  rmSync(directory, { recursive: true });
});

type Call = (action: string, request: JsonObject) => Promise<Json>;

/** The answer, or the code of the refusal. */
const ours: Call = async (action, request) => {
  try {
    return canonical(await tables.api.call(action, request));
  } catch (error) {
    if (error instanceof ServiceError) return { refused: error.code };
    throw error;
  }
};

const theirs: Call = async (action, request) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `DynamoDB_20120810.${action}`,
      'X-Amz-Date': '20260101T000000Z',
      Authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=a',
    },
    body: JSON.stringify(request),
  });
  const answer = (await response.json()) as JsonObject;
  return response.ok ? canonical(answer) : { refused: String(answer['__type']).replace(/^.*#/, '') };
};

/** Sets have no order. */
function canonical(value: Json): Json {
  if (isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => key !== 'Attributes' || Object.keys(value[key] as object).length > 0)
      .toSorted()
      .map((key) => {
        const one = value[key] as Json;
        return [key, /^[SNB]S$/.test(key) && isArray(one) ? [...one].toSorted() : canonical(one)];
      }),
  );
}

async function agree(action: string, request: JsonObject): Promise<Json> {
  const [mine, its] = await Promise.all([ours(action, request), theirs(action, request)]);
  expect(mine, `${action} ${JSON.stringify(request)}`).toEqual(its);
  return mine;
}

const number = fc.constantFrom('0', '1', '2', '-1', '1.5', '10', '100');
const string = fc.constantFrom('a', 'ab', 'abc', 'b', 'B', 'é');
const ordered: fc.Arbitrary<JsonObject> = fc.oneof(
  string.map((S) => ({ S })),
  number.map((N) => ({ N })),
  fc.constantFrom('AA==', 'AAE=', '/w==').map((B) => ({ B })),
);
const scalar: fc.Arbitrary<JsonObject> = fc.oneof(
  string.map((S) => ({ S })),
  number.map((N) => ({ N })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
  fc.constantFrom('AA==', 'AAE=', '/w==').map((B) => ({ B })),
);
const set: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.uniqueArray(string, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
  fc.uniqueArray(number, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
);
/** What dynalite compares as AWS does. */
const comparable: fc.Arbitrary<JsonObject> = fc.oneof({ weight: 3, arbitrary: ordered }, set);
const value: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  set,
  fc.array(scalar, { maxLength: 3 }).map((L) => ({ L })),
  fc.dictionary(fc.constantFrom('x', 'y'), scalar, { maxKeys: 2 }).map((M) => ({ M: { ...M } })),
);

const NAMES = ['a', 'b', 'c', 'm', 'l'];
const item: fc.Arbitrary<Record<string, JsonObject>> = fc
  .record(
    {
      a: value,
      b: value,
      c: number.map((N) => ({ N })),
      m: fc.dictionary(fc.constantFrom('x', 'y'), scalar, { maxKeys: 2 }).map((M) => ({ M: { ...M } })),
      l: fc.array(scalar, { maxLength: 3 }).map((L) => ({ L })),
    },
    { requiredKeys: [] },
  )
  .map((found) => ({ ...found }) as Record<string, JsonObject>);

const path = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  fc.constantFrom('m.x', 'm.y', 'l[0]', 'l[1]', 'l[9]', 'a.x', 'nothing', 'm.x.y', 'a[0]'),
);

/** An expression, with the values that it names. */
interface Built {
  readonly text: string;
  readonly values: readonly JsonObject[];
}
const built = (text: string, ...values: readonly JsonObject[]): Built => ({ text, values });
const join2 = (parts: readonly Built[], separator: string): Built => ({
  text: parts.map(({ text }) => text).join(separator),
  values: parts.flatMap(({ values }) => values),
});
/** `?` stands for a value. */
function named({ text, values }: Built, prefix: string): { readonly text: string; readonly values: JsonObject } {
  let i = 0;
  return {
    text: text.replace(/\?/g, () => `:${prefix}${i++}`),
    values: Object.fromEntries(values.map((one, at) => [`:${prefix}${at}`, one])),
  };
}

const comparison: fc.Arbitrary<Built> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom('=', '<>'), comparable)
    .map(([left, operator, one]) => built(`${left} ${operator} ?`, one)),
  fc
    .tuple(path, fc.constantFrom('<', '<=', '>', '>='), ordered)
    .map(([left, operator, one]) => built(`${left} ${operator} ?`, one)),
  fc
    .tuple(path, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), number)
    .map(([left, operator, N]) => built(`size(${left}) ${operator} ?`, { N })),
);
const test: fc.Arbitrary<Built> = fc.oneof(
  { weight: 3, arbitrary: comparison },
  fc.tuple(path, ordered, ordered).map(([left, low, high]) => built(`${left} BETWEEN ? AND ?`, low, high)),
  fc
    .tuple(path, fc.array(comparable, { minLength: 1, maxLength: 3 }))
    .map(([left, all]) => built(`${left} IN (${all.map(() => '?').join(', ')})`, ...all)),
  path.map((text) => built(`attribute_exists(${text})`)),
  path.map((text) => built(`attribute_not_exists(${text})`)),
  fc
    .tuple(path, fc.constantFrom('S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'))
    .map(([text, S]) => built(`attribute_type(${text}, ?)`, { S })),
  fc.tuple(path, fc.oneof(string.map((S) => ({ S })))).map(([text, one]) => built(`begins_with(${text}, ?)`, one)),
  fc.tuple(path, ordered).map(([text, one]) => built(`contains(${text}, ?)`, one)),
);
const condition: fc.Arbitrary<Built> = fc.letrec<{ node: Built }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    test,
    tie('node').map((one) => join2([built('NOT '), { ...one, text: `(${one.text})` }], '')),
    fc.tuple(tie('node'), fc.constantFrom('AND', 'OR'), tie('node')).map(([a, operator, b]) =>
      join2(
        [a, b].map((one) => ({ ...one, text: `(${one.text})` })),
        ` ${operator} `,
      ),
    ),
    fc.tuple(test, test, test).map(([a, b, c]) => join2([join2([a, b], ' OR '), c], ' AND ')),
  ),
})).node;

const term: fc.Arbitrary<Built> = fc.oneof(
  value.map((one) => built('?', one)),
  path.map((text) => built(text)),
  fc.tuple(path, value).map(([text, one]) => built(`if_not_exists(${text}, ?)`, one)),
  fc.tuple(path, fc.array(scalar, { maxLength: 2 })).map(([text, L]) => built(`list_append(${text}, ?)`, { L })),
  fc.tuple(fc.array(scalar, { maxLength: 2 }), path).map(([L, text]) => built(`list_append(?, ${text})`, { L })),
);
const setClause = fc
  .tuple(
    path,
    fc.oneof(
      { weight: 3, arbitrary: term },
      fc
        .tuple(
          fc.oneof(
            path.map((text) => built(text)),
            number.map((N) => built('?', { N })),
          ),
          fc.constantFrom('+', '-'),
          number,
        )
        .map(([left, operator, N]) => join2([left, built('?', { N })], ` ${operator} `)),
    ),
  )
  .filter(([left, right]) => !takesItself(left, right.text))
  .map(([left, right]) => join2([built(left), right], ' = '));

/** Whether a place inside of an attribute is set to something of that attribute. */
function takesItself(left: string, right: string): boolean {
  const [top = ''] = /^[^.[]+/.exec(left) ?? [];
  return top !== left && right.includes(top);
}

const addClause = fc
  .tuple(
    path,
    fc.oneof(
      number.map((N) => ({ N })),
      set,
    ),
  )
  .map(([left, one]) => built(`${left} ?`, one));
const deleteClause = fc.tuple(path, set).map(([left, one]) => built(`${left} ?`, one));
const clauses = (word: string, clause: fc.Arbitrary<Built>): fc.Arbitrary<Built> =>
  fc.array(clause, { minLength: 1, maxLength: 3 }).map((all) => {
    const joined = join2(all, ', ');
    return { ...joined, text: `${word} ${joined.text}` };
  });
const update: fc.Arbitrary<Built> = fc
  .subarray(
    [
      clauses('SET', setClause),
      clauses(
        'REMOVE',
        path.map((text) => built(text)),
      ),
      clauses('ADD', addClause),
      clauses('DELETE', deleteClause),
    ],
    { minLength: 1, maxLength: 2 },
  )
  .chain((all) => fc.tuple(...all))
  .map((all) => join2(all, ' '));

const withNames = (values: JsonObject): JsonObject =>
  Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {};

let cases = 0;
/** So many, or what a slow machine gets done. */
const options = { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 15_000 } as const;
const KEY = (): JsonObject => ({ id: { S: `k${cases++}` } });

describe(`with the seed ${SEED}, dynalite and these tables agree`, () => {
  it('on conditions', async () => {
    await fc.assert(
      fc.asyncProperty(item, condition, async (found, built) => {
        const Key = KEY();
        await agree('PutItem', { TableName: TABLE, Item: { ...found, ...Key } });
        const { text, values } = named(built, 'c');
        const request = { TableName: TABLE, Key, ConditionExpression: text, ...withNames(values) };
        await agree('DeleteItem', { ...request, ReturnValues: 'ALL_OLD' });
        await agree('GetItem', { TableName: TABLE, Key });
      }),
      options,
    );
  });

  it('on updates', async () => {
    await fc.assert(
      fc.asyncProperty(
        item,
        update,
        fc.constantFrom('ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW', 'NONE'),
        fc.boolean(),
        async (found, built, ReturnValues, exists) => {
          const Key = KEY();
          if (exists) await agree('PutItem', { TableName: TABLE, Item: { ...found, ...Key } });
          const { text, values } = named(built, 'u');
          await agree('UpdateItem', {
            TableName: TABLE,
            Key,
            UpdateExpression: text,
            ReturnValues,
            ...withNames(values),
          });
          await agree('GetItem', { TableName: TABLE, Key });
        },
      ),
      options,
    );
  });

  it('on filters and projections', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 1, maxLength: 4 }),
        condition,
        fc.uniqueArray(path, { minLength: 1, maxLength: 3 }),
        async (found, built, paths) => {
          const keys = found.map(KEY);
          for (const [i, one] of found.entries())
            await agree('PutItem', { TableName: TABLE, Item: { ...one, ...keys[i] } });
          const { text, values } = named(built, 'f');
          for (const Key of keys) {
            await agree('GetItem', { TableName: TABLE, Key, ProjectionExpression: paths.join(', ') });
            await agree('Query', {
              TableName: TABLE,
              KeyConditionExpression: 'id = :id',
              FilterExpression: text,
              ExpressionAttributeValues: { ...values, ':id': Key['id'] as Json },
            });
          }
        },
      ),
      options,
    );
  });
});
