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
