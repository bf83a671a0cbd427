import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { AttributeValue } from '../ports/tables.ts';
import { plainValue, typedValue, unwrapItems } from './plain-item.ts';

describe('a typed value', () => {
  it.each<[AttributeValue, Json]>([
    [{ S: '' }, ''],
    [{ N: '1.5' }, 1.5],
    [{ N: '0.10' }, 0.1],
    [{ N: '-0' }, 0],
    [{ N: '1E+3' }, 1000],
    [{ N: '12345678901234567890123456789012345678' }, '12345678901234567890123456789012345678'],
    [{ N: '0.12345678901234567890' }, '0.12345678901234567890'],
    [{ B: 'AA==' }, 'AA=='],
    [{ NS: ['1', '2'] }, [1, 2]],
    [{ M: { a: { L: [{ NULL: true }, { BOOL: false }] } } }, { a: [null, false] }],
  ])('%j is plain %j', (typed, plain) => {
    expect(plainValue(typed)).toEqual(plain);
  });

  it('comes back from plain JSON as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as Json;
        expect(plainValue(typedValue(json))).toEqual(json);
      }),
    );
  });
});

it('unwraps what has the form of a typed value, and nothing else', () => {
  const event = {
    id: { S: 'x' },
    list: { L: [{ M: { n: { N: '1' } } }] },
    S: 'x',
    N: 3,
    other: { S: 1 },
    two: { S: 'a', N: '1' },
  };
  expect(unwrapItems(event)).toEqual({
    id: 'x',
    list: [{ n: 1 }],
    S: 'x',
    N: 3,
    other: { S: 1 },
    two: { S: 'a', N: '1' },
  });
  expect(unwrapItems([{ S: 'Economics' }])).toEqual(['Economics']);
});
