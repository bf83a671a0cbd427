/** What every implementation of the port `Tables` does. It starts without tables. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../ports/service-error.ts';
import type { AttributeValue, Item, KeyType, TableDescription, Tables } from '../ports/tables.ts';

export interface OpenedTables {
  readonly tables: Tables;
  close(): Promise<void>;
}

const PLAIN: TableDescription = { table: 'plain', partitionKey: { name: 'uuid', type: 'S' } };
const SORTED: TableDescription = {
  table: 'sorted',
  partitionKey: { name: 'p', type: 'S' },
  sortKey: { name: 's', type: 'N' },
};

export function tablesSuite(name: string, open: () => Promise<OpenedTables>): void {
  describe(`tables of ${name}`, () => {
    let opened: OpenedTables;
    let tables: Tables;
    beforeAll(async () => {
      opened = await open();
      tables = opened.tables;
      await tables.create(PLAIN);
      await tables.create(SORTED);
    });
    afterAll(() => opened.close());
    afterEach(() => Promise.all([PLAIN, SORTED].map((description) => empty(tables, description))));

    const put = (item: Item, table = 'plain') => tables.put({ table, item });
    const get = (key: Item, table = 'plain') => tables.get({ table, key });
    const keyed = (key: string, rest: Item = {}): Item => ({ uuid: { S: key }, ...rest });

    describe('create and describe', () => {
      it('describes what was created, and nothing else', async () => {
        expect(await tables.describe('sorted')).toEqual(SORTED);
        expect(await tables.describe('plain')).toEqual(PLAIN);
        expect(await tables.describe('none')).toBeUndefined();
        expect(await tables.describe('__proto__')).toBeUndefined();
      });

      it('changes nothing when the table is there with the same keys', async () => {
        await put(keyed('a'));
        await tables.create({ partitionKey: { type: 'S', name: 'uuid' }, table: 'plain' });
        expect(await tables.count('plain')).toBe(1);
      });

      it('refuses other keys, and keeps the table', async () => {
        const other = { ...PLAIN, partitionKey: { name: 'uuid', type: 'N' as const } };
        await refuses(tables.create(other), 'ResourceInUseException', 'Table already exists: plain');
        await refuses(tables.create({ ...SORTED, table: 'plain' }), 'ResourceInUseException', 'Table already exists');
        expect(await tables.describe('plain')).toEqual(PLAIN);
      });

      it.each(['', 'ab', 'a b c', "x'; DROP TABLE items;--", '../etc', 'x'.repeat(256)])(
        'refuses the name %j',
        async (table) => {
          await refuses(tables.create({ ...PLAIN, table }), 'ValidationException', 'Invalid table name');
        },
      );
    });

    describe('put and get', () => {
      const everything: Item = {
        uuid: { S: 'all' },
        text: { S: 'ü "quoted" \u0000 \u2028 😀' },
        empty: { S: '' },
        number: { N: '-12.5' },
        bytes: { B: 'AAEC/w==' },
        yes: { BOOL: true },
        no: { BOOL: false },
        nothing: { NULL: true },
        list: { L: [{ S: 'a' }, { N: '1' }, { L: [] }] },
        map: { M: { inner: { M: {} }, constructor: { S: 'x' }, toJSON: { S: 'y' } } },
        texts: { SS: ['b', 'a'] },
        numbers: { NS: ['2', '1'] },
        byteses: { BS: ['AA==', 'AQ=='] },
      };

      it('gives back every type as it was put', async () => {
        await put(everything);
        expect(await get(keyed('all'))).toEqual(everything);
      });

      it('keeps an attribute called __proto__ an ordinary one', async () => {
        const item = JSON.parse('{"uuid":{"S":"p"},"__proto__":{"M":{"__proto__":{"S":"own"}}}}') as Item;
        await put(item);
        expect(JSON.stringify(await get(keyed('p')))).toBe(JSON.stringify(item));
      });

      it('replaces the whole item', async () => {
        await put(keyed('a', { old: { S: 'x' } }));
        await put(keyed('a', { fresh: { S: 'y' } }));
        expect(await get(keyed('a'))).toEqual(keyed('a', { fresh: { S: 'y' } }));
        expect(await tables.count('plain')).toBe(1);
      });

      it('tells keys apart by their bytes', async () => {
        const keys = ['a', 'A', 'a ', ' a', 'a\u0000', 'a\u0000b', '\u00e9', 'e\u0301', '%', '_', "'", '__proto__'];
        for (const key of keys) await put(keyed(key, { v: { S: key } }));
        for (const key of keys) expect(await get(keyed(key))).toEqual(keyed(key, { v: { S: key } }));
        expect(await tables.count('plain')).toBe(keys.length);
      });

      it('takes numbers that are equal for one key', async () => {
        const key = (n: string): Item => ({ p: { S: 'a' }, s: { N: n } });
        for (const n of ['1', '1.0', '1e0', '+1', '0.1E1', '01.00']) await put(key(n), 'sorted');
        for (const n of ['0', '-0', '0.000', '0e99']) await put(key(n), 'sorted');
        expect(await tables.count('sorted')).toBe(2);
        expect(await get(key('10e-1'), 'sorted')).toEqual(key('1'));
        await put(key('10000000000000000000000000000000000001'), 'sorted');
        expect(await get(key('10000000000000000000000000000000000002'), 'sorted')).toBeUndefined();
      });

      it('gives numbers back plain and exact', async () => {
        const numbers = { N: '0012345678901234567890.12345678901234567800' };
        await put(
          keyed('n', { a: numbers, b: { N: '1e3' }, c: { N: '-.5' }, d: { N: '12e-3' }, e: { NS: ['1.0', '2e0'] } }),
        );
        expect(await get(keyed('n'))).toEqual(
          keyed('n', {
            a: { N: '12345678901234567890.123456789012345678' },
            b: { N: '1000' },
            c: { N: '-0.5' },
            d: { N: '0.012' },
            e: { NS: ['1', '2'] },
          }),
        );
      });

      it('puts what is absent once, however many try', async () => {
        const tries = Array.from({ length: 8 }, (_, i) =>
          tables.put({ table: 'plain', item: keyed('a', { by: { N: `${i}` } }), ifAbsent: true }),
        );
        const settled = await Promise.allSettled(tries);
        expect(settled.filter((s) => s.status === 'fulfilled')).toHaveLength(1);
        const again = tables.put({ table: 'plain', item: keyed('a'), ifAbsent: true });
        await refuses(again, 'ConditionalCheckFailedException', 'The conditional request failed');
        expect(await tables.count('plain')).toBe(1);
      });

      it('does what is asked in one turn in its order', async () => {
        const [, first, , second, , third] = await Promise.all([
          put(keyed('a', { v: { N: '1' } })),
          get(keyed('a')),
          put(keyed('a', { v: { N: '2' } })),
          get(keyed('a')),
          tables.delete({ table: 'plain', key: keyed('a') }),
          get(keyed('a')),
        ]);
        expect([first, second, third]).toEqual([
          keyed('a', { v: { N: '1' } }),
          keyed('a', { v: { N: '2' } }),
          undefined,
        ]);
      });

      it('deletes; what is not there is no error', async () => {
        await put(keyed('a'));
        await tables.delete({ table: 'plain', key: keyed('a') });
        await tables.delete({ table: 'plain', key: keyed('a') });
        expect(await get(keyed('a'))).toBeUndefined();
      });
    });

    it('gets many, in the order of their keys', async () => {
      for (const key of ['a', 'b']) await put(keyed(key, { v: { S: key } }));
      const keys = [keyed('b'), keyed('none'), keyed('a'), keyed('b')];
      expect((await tables.getMany({ table: 'plain', keys })).map((item) => item?.['v'])).toEqual([
        { S: 'b' },
        undefined,
        { S: 'a' },
        { S: 'b' },
      ]);
      expect(await tables.getMany({ table: 'plain', keys: [] })).toEqual([]);
    });

    describe('putMany', () => {
      it('puts all; of items with one key the last stays', async () => {
        const items = Array.from({ length: 12_000 }, (_, i) => keyed(`k${i % 11_000}`, { v: { N: `${i}` } }));
        await tables.putMany({ table: 'plain', items });
        expect(await tables.count('plain')).toBe(11_000);
        expect(await get(keyed('k7'))).toEqual(keyed('k7', { v: { N: '11007' } }));
        await tables.putMany({ table: 'plain', items: [] });
      });

      it('puts none when one is refused', async () => {
        const items = [keyed('a'), { wrong: { S: 'x' } }, keyed('b')];
        await refuses(
          tables.putMany({ table: 'plain', items }),
          'ValidationException',
          'Missing the key uuid in the item',
        );
        expect(await tables.count('plain')).toBe(0);
      });
    });

    describe('query and scan', () => {
      const at = (p: string, s: string): Item => ({ p: { S: p }, s: { N: s } });

      it('goes by the sort key, numerically', async () => {
        const numbers = ['-100', '-10.5', '-10', '-1e-5', '0', '1e-130', '0.5', '2', '10', '11', '1.5e2', '9e125'];
        for (const s of [...numbers].reverse()) await put(at('a', s), 'sorted');
        await put(at('b', '1'), 'sorted');
        const { items, next } = await tables.query({ table: 'sorted', partition: { S: 'a' } });
        expect(items.map((item) => Number((item.s as { N: string }).N))).toEqual(numbers.map(Number));
        expect(next).toBeUndefined();
      });

      it('gives pages that together are the whole', async () => {
        for (let i = 0; i < 7; i++) await put(at('a', `${i}`), 'sorted');
        for (let i = 0; i < 3; i++) await put(at('b', `${i}`), 'sorted');
        const partition = { S: 'a' };
        const queried = await pages((after) => tables.query({ table: 'sorted', partition, limit: 3, ...after }));
        expect(queried.map((page) => page.length)).toEqual([3, 3, 1]);
        expect(queried.flat()).toEqual(Array.from({ length: 7 }, (_, i) => at('a', `${i}`)));
        const scanned = await pages((after) => tables.scan({ table: 'sorted', limit: 5, ...after }));
        expect(scanned.map((page) => page.length)).toEqual([5, 5]);
        expect(scanned.flat()).toEqual([...queried.flat(), at('b', '0'), at('b', '1'), at('b', '2')]);
      });

      it('ends a page at about a megabyte', async () => {
        const items = Array.from({ length: 12 }, (_, i) => ({ ...at('a', `${i}`), v: { S: 'x'.repeat(200_000) } }));
        await tables.putMany({ table: 'sorted', items });
        const found = await pages((after) => tables.scan({ table: 'sorted', ...after }));
        expect(found.length).toBeGreaterThan(1);
        expect(found.flat()).toHaveLength(12);
      });

      it('starts behind an item that was deleted meanwhile', async () => {
        for (const s of ['1', '2', '3']) await put(at('a', s), 'sorted');
        const { next } = await tables.query({ table: 'sorted', partition: { S: 'a' }, limit: 2 });
        expect(next).toEqual(at('a', '2'));
        await tables.delete({ table: 'sorted', key: at('a', '2') });
        const rest = await tables.query({ table: 'sorted', partition: { S: 'a' }, ...(next && { after: next }) });
        expect(rest.items).toEqual([at('a', '3')]);
      });

      it('refuses conditions that do not fit the table', async () => {
        const query = (partition: AttributeValue, after?: Item) =>
          tables.query({ table: 'sorted', partition, ...(after && { after }) });
        await refuses(query({ N: '1' }), 'ValidationException', 'Condition parameter type does not match schema type');
        await refuses(
          query({ S: 'a' }, { p: { S: 'a' } }),
          'ValidationException',
          'The provided starting key is invalid',
        );
        await refuses(query({ S: 'a' }, at('b', '1')), 'ValidationException', 'outside query boundaries');
        await refuses(tables.scan({ table: 'sorted', limit: 0 }), 'ValidationException', 'greater than or equal to 1');
      });
    });

    describe('refusals', () => {
      it('names a table that is not there', async () => {
        const table = 'none';
        const tries = [
          put(keyed('a'), table),
          get(keyed('a'), table),
          tables.putMany({ table, items: [] }),
          tables.delete({ table, key: keyed('a') }),
          tables.query({ table, partition: { S: 'a' } }),
          tables.scan({ table }),
          tables.count(table),
        ];
        for (const act of tries) await refuses(act, 'ResourceNotFoundException', 'Requested resource not found');
      });

      const INVALID = 'One or more parameter values were invalid: ';
      const keyCases: readonly [Item, string][] = [
        [{}, `${INVALID}Missing the key uuid in the item`],
        [{ other: { S: 'a' } }, `${INVALID}Missing the key uuid in the item`],
        [{ uuid: { N: '1' } }, `${INVALID}Type mismatch for key uuid expected: S actual: N`],
        [
          { uuid: { S: '' } },
          'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: uuid',
        ],
        [
          { uuid: { S: 'x'.repeat(2049) } },
          `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
        ],
      ];
      it.each(keyCases)('refuses the key of %j', async (item, message) => {
        await refuses(put(item), 'ValidationException', message);
        expect(await tables.count('plain')).toBe(0);
      });

      it.each([{}, { uuid: { N: '1' } }, { uuid: { S: 'a' }, more: { S: 'b' } }] as Item[])(
        'gets nothing by %j',
        async (key) => {
          await refuses(get(key), 'ValidationException', 'The provided key element does not match the schema');
        },
      );

      const EMPTY = 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
      const MANY = 'Supplied AttributeValue has more than one datatypes set';
      const valueCases: readonly [unknown, string][] = [
        [null, EMPTY],
        ['text', EMPTY],
        [[], EMPTY],
        [{}, EMPTY],
        [{ X: 'a' }, EMPTY],
        [{ constructor: 'a' }, EMPTY],
        [{ S: 'a', N: '1' }, MANY],
        [{ S: 1 }, 'The value of S must be a text, not number'],
        [{ S: '\ud800' }, 'half of a surrogate pair'],
        [{ N: 1 }, 'The value of N must be a text, not number'],
        [{ N: '' }, 'The parameter cannot be converted to a numeric value'],
        [{ N: 'abc' }, 'The parameter cannot be converted to a numeric value: abc'],
        [{ N: '1e' }, 'The parameter cannot be converted to a numeric value: 1e'],
        [{ N: 'NaN' }, 'The parameter cannot be converted to a numeric value: NaN'],
        [{ N: ' 1' }, 'The parameter cannot be converted to a numeric value:  1'],
        [{ N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
        [{ N: '1e126' }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
        [
          { N: '-1e-131' },
          'Number underflow. Attempting to store a number with magnitude smaller than supported range',
        ],
        [{ N: '1e999999999999' }, 'Number overflow'],
        [{ B: '###' }, 'The value of B must be base64'],
        [{ BOOL: 'true' }, 'The value of BOOL must be true or false'],
        [{ NULL: false }, `${INVALID}Null attribute value types must have the value of true`],
        [{ L: {} }, 'The value of L must be a list'],
        [{ L: [{ S: 1 }] }, 'The value of S must be a text'],
        [{ M: [] }, 'The value of M must be a map'],
        [{ M: { a: {} } }, EMPTY],
        [{ SS: [] }, `${INVALID}An string set  may not be empty`],
        [{ NS: [] }, `${INVALID}An number set  may not be empty`],
        [{ BS: [] }, `${INVALID}Binary sets should not be empty`],
        [{ SS: ['a', 'a'] }, `${INVALID}Input collection [a, a] contains duplicates.`],
        [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
        [{ BS: ['Yg==', 'Yg=='] }, `${INVALID}Input collection [Yg==, Yg==]of type BS contains duplicates.`],
        [nested(33), 'Nesting Levels have exceeded supported limits'],
        [nested(20_000), 'Nesting Levels have exceeded supported limits'],
      ];
      it.each(valueCases.map(([value, message], i) => [i, message, value] as const))(
        'refuses the value %i: %s',
        async (_, message, value) => {
          await refuses(put(keyed('a', { v: value as AttributeValue })), 'ValidationException', message);
          expect(await tables.count('plain')).toBe(0);
        },
      );

      it('takes values that go 32 levels deep', async () => {
        await put(keyed('deep', { v: nested(32) }));
        expect(await get(keyed('deep'))).toEqual(keyed('deep', { v: nested(32) }));
      });

      it('takes an item of 400 KB and none that is greater', async () => {
        // uuid + a, v + the text
        const full = 400 * 1024 - 'uuidav'.length;
        await put(keyed('a', { v: { S: 'x'.repeat(full) } }));
        const tooBig = put(keyed('a', { v: { S: 'x'.repeat(full + 1) } }));
        await refuses(tooBig, 'ValidationException', 'Item size has exceeded the maximum allowed size');
        const umlauts = put(keyed('a', { v: { S: 'ü'.repeat(full / 2 + 1) } }));
        await refuses(umlauts, 'ValidationException', 'Item size has exceeded the maximum allowed size');
      });
    });

    it('orders the keys of each type as their values are ordered', async () => {
      const values: Readonly<Record<KeyType, fc.Arbitrary<AttributeValue>>> = {
        S: fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).map((text) => ({ S: text })),
        B: fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
        N: fc
          .tuple(fc.bigInt({ min: -999n, max: 999n }), fc.integer({ min: -6, max: 6 }))
          .map(([digits, power]) => ({ N: `${digits}e${power}` })),
      };
      let count = 0;
      for (const type of ['S', 'N', 'B'] as const) {
        await fc.assert(
          fc.asyncProperty(fc.array(values[type], { minLength: 1, maxLength: 12 }), async (sorts) => {
            const table = `order-${count++}`;
            await tables.create({ table, partitionKey: { name: 'p', type: 'S' }, sortKey: { name: 's', type } });
            await tables.putMany({ table, items: sorts.map((s) => ({ p: { S: 'p' }, s })) });
            const { items } = await tables.query({ table, partition: { S: 'p' } });
            const found = items.map((item) => item.s as AttributeValue);
            expect(found.every((value, i) => i === 0 || compare(found[i - 1] as AttributeValue, value) < 0)).toBe(true);
            for (const sort of sorts) expect(found.some((value) => compare(sort, value) === 0)).toBe(true);
          }),
          { numRuns: 25 },
        );
      }
    });
  });
}

function compare(a: AttributeValue, b: AttributeValue): number {
  if ('N' in a && 'N' in b) return Number(a.N) - Number(b.N);
  const bytes = (value: AttributeValue): Buffer =>
    'S' in value ? Buffer.from(value.S) : Buffer.from((value as { B: string }).B, 'base64');
  return Buffer.compare(bytes(a), bytes(b));
}

async function empty(tables: Tables, { table, partitionKey, sortKey }: TableDescription): Promise<void> {
  const names = sortKey ? [partitionKey.name, sortKey.name] : [partitionKey.name];
  const found = await pages((after) => tables.scan({ table, ...after }));
  const keys = found
    .flat()
    .map((item) => Object.fromEntries(names.map((name) => [name, item[name] as AttributeValue])));
  await Promise.all(keys.map((key) => tables.delete({ table, key })));
}

/** A value of so many levels. */
function nested(levels: number): AttributeValue {
  let value: AttributeValue = { S: 'leaf' };
  for (let i = 1; i < levels; i++) value = i % 2 ? { L: [value] } : { M: { a: value } };
  return value;
}

async function pages(
  read: (after: { after?: Item }) => Promise<{ readonly items: readonly Item[]; readonly next?: Item }>,
): Promise<(readonly Item[])[]> {
  const all: (readonly Item[])[] = [];
  for (let after: Item | undefined; ;) {
    const { items, next } = await read(after ? { after } : {});
    all.push(items);
    if (!next) return all;
    after = next;
  }
}

async function refuses(act: Promise<unknown>, code: string, message: string): Promise<void> {
  const error = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ServiceError);
  expect(error).toMatchObject({ code, status: 400 });
  expect((error as ServiceError).message).toContain(message);
}
