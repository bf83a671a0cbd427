import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableDescription } from '../ports/tables.ts';
import { encodeItem } from '../services/dynamodb/encode.ts';
import { readLines } from '../services/dynamodb/lines.ts';
import { createByteWriter } from './byte-writer.ts';
import { itemOf } from './item.ts';
import { itemsOf, itemWriter } from './item-lines.ts';

const TABLE: TableDescription = { table: 't', partitionKey: { name: 'id', type: 'S' } };
const SORTED: TableDescription = { ...TABLE, sortKey: { name: 'n', type: 'N' } };

function lines(outputs: readonly object[], table = TABLE, columns?: readonly string[]): Buffer {
  const to = createByteWriter();
  const write = itemWriter(columns, table);
  for (const output of outputs) write(output as Readonly<Record<string, unknown>>, to);
  const made = Buffer.from(to.bytes());
  to.release();
  return made;
}

describe('outputs as lines of items', () => {
  it('are what the table makes of the items itself, to the byte', () => {
    const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      number.filter((n) => n === 0 || Math.abs(n) > 1e-100),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
    );
    const output = fc.record({
      id: fc.string({ minLength: 1, unit: 'binary' }),
      n: fc.integer(),
      a: leaf,
      'é"\n': leaf,
      deep: fc.oneof(
        leaf,
        fc.array(
          leaf.filter((value) => value !== undefined),
          { maxLength: 3 },
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(output, { maxLength: 5 }), fc.constantFrom(TABLE, SORTED), (outputs, table) => {
        const made = [...readLines(table, lines(outputs, table))];
        expect(made).toEqual(outputs.map((one) => encodeItem(table, itemOf(one, table))));
      }),
    );
  });

  it('have the columns that are wanted, and their items can be shown', () => {
    expect(itemsOf(lines([{ id: 'a', x: 1, y: 2 }, { id: 'b' }], TABLE, ['x', 'id']).toString())).toBe(
      '{"x":{"N":"1"},"id":{"S":"a"}}\n{"id":{"S":"b"}}\n',
    );
  });

  it('are refused as the items would be', () => {
    expect(() => lines([{ id: '' }])).toThrow('The output has no id of type S');
    expect(() => lines([{ x: 1 }])).toThrow('The output has no id of type S');
    expect(() => lines([{ id: 'a', x: 1 }], TABLE, ['x'])).toThrow('The output has no id of type S');
    expect(() => lines([{ id: 'a', x: 'y'.repeat(500_000) }])).toThrow('409600 are allowed');
    expect(() => [...readLines(TABLE, Buffer.from('{"id":{"S":"a"}}\n'))]).toThrow('cut off');
  });
});

describe('what no table can hold', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : { in: nested(levels - 1) });
  const cyclic: { self?: unknown } = {};
  cyclic.self = [cyclic];
  class Empty {
    #hidden = 1;
    get hidden(): number {
      return this.#hidden;
    }
  }

  it.for<[what: string, value: unknown, told: string]>([
    ['33 levels', nested(32), 'nested deeper than the 32 levels of a table'],
    ['what holds itself', cyclic, 'nested deeper than the 32 levels'],
    ['39 digits', 10n ** 38n + 1n, 'is 100000000000000000000000000000000000001, which no table can hold'],
    ['a whole number of 127 digits', 10n ** 126n, 'which no table can hold'],
    ['a number too large', 1e126, 'is 1e+126, which no table can hold'],
    ['a number too small', 9e-131, 'is 9e-131, which no table can hold'],
    ['no number', Number.NaN, 'is NaN, which no table can hold'],
    ['half a character', { a: ['\ud800'] }, 'half of a surrogate pair'],
    ['a name that is half a character', { '\udc00': 1 }, 'half of a surrogate pair'],
    ['a map', new Map([['a', 1]]), 'is a Map, which no table can hold'],
    ['a promise', Promise.resolve(1), 'is a Promise'],
    ['an object of a class without members', new Empty(), 'is a Empty'],
    ['a date that is none', new Date(Number.NaN), 'is an invalid Date'],
    ['a function', { call: () => 1 }, 'is a function'],
    ['more than 400 KB', ['x'.repeat(409_600)], '409600 are allowed'],
  ])('is told of the record: %s', ([, x, told]) => {
    expect(() => lines([{ id: 'a', x }])).toThrow(told);
    expect(() => lines([{ id: 'a', x }], TABLE, ['id', 'x'])).toThrow(told);
  });

  it('in a name of the output itself', () => {
    expect(() => lines([{ id: 'a', 'x\ud800': 1 }])).toThrow('half of a surrogate pair');
  });

  it('and what it just can', () => {
    const outputs = [
      { id: 'a', x: nested(31) },
      { id: 'b', x: 10n ** 38n - 1n },
      { id: 'c', x: (10n ** 38n - 1n) * 10n ** 88n },
      { id: 'd', x: 9.999_999e125, y: -1e-130, z: -0 },
      { id: 'e', x: '"'.repeat(390_000), y: [] },
      { id: 'f', x: new Uint8Array([1, 2, 3]), y: new URL('https://example.com/'), z: [new Date(0), {}] },
    ];
    const made = [...readLines(TABLE, lines(outputs))].map(({ item, size }) => [JSON.parse(item), size]);
    expect(made).toEqual(
      outputs.map((output) => {
        const { item, size } = encodeItem(TABLE, itemOf(output, TABLE));
        return [JSON.parse(item), size];
      }),
    );
    expect(made.at(-1)?.[0]).toMatchObject({
      x: { B: 'AQID' },
      y: { S: 'https://example.com/' },
      z: { L: [{ S: '1970-01-01T00:00:00.000Z' }, { M: {} }] },
    });
  });

  it('is weighed as the table weighs it', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, min: -1e100, max: 1e100 }),
      fc.boolean(),
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf.filter((one) => typeof one !== 'number' || one === 0 || Math.abs(one) > 1e-100),
        fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (x) => {
        const { size } = encodeItem(TABLE, itemOf({ id: 'a', x }, TABLE));
        const rest = 409_600 - size - 'pad'.length;
        expect(() => itemOf({ id: 'a', x, pad: 'p'.repeat(rest) }, TABLE)).not.toThrow();
        expect(() => itemOf({ id: 'a', x, pad: 'p'.repeat(rest + 1) }, TABLE)).toThrow('has 409601 bytes');
      }),
      { numRuns: 30 },
    );
  });
});
