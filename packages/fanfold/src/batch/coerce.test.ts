import { describe, expect, it } from 'vitest';
import { coercionOf } from './coerce.ts';
import type { PropertySchema } from './schema.ts';

function coerce(schema: PropertySchema, text: string): unknown {
  const coercion = coercionOf({ type: 'object', properties: { a: schema } }, 'a');
  return coercion ? coercion(text) : text;
}

describe('what becomes of the text of a column', () => {
  it.for<[PropertySchema, string, unknown]>([
    [{ type: 'integer' }, '42', 42],
    [{ type: 'integer' }, '-7', -7],
    [{ type: 'integer' }, '007', 7],
    [{ type: 'integer' }, '9007199254740991', 9_007_199_254_740_991],
    [{ type: 'integer' }, '9007199254740993', '9007199254740993'],
    [{ type: 'integer' }, '1.0', '1.0'],
    [{ type: 'integer' }, ' 1', ' 1'],
    [{ type: 'integer' }, '0x10', '0x10'],
    [{ type: 'integer' }, '1_000', '1_000'],
    [{ type: 'integer' }, '', undefined],
    [{ type: 'number' }, '1.50', 1.5],
    [{ type: 'number' }, '.5', 0.5],
    [{ type: 'number' }, '1e3', 1000],
    [{ type: 'number' }, '1e999', '1e999'],
    [{ type: 'number' }, 'Infinity', 'Infinity'],
    [{ type: 'number' }, '1,5', '1,5'],
    [{ type: 'number' }, '123456789012345678', '123456789012345678'],
    [{ type: 'number' }, '12345678901234567.8', '12345678901234567.8'],
    [{ type: 'number' }, '1e20', 1e20],
    [{ type: 'number' }, '0.1234567890123456789', 0.123_456_789_012_345_68],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'TRUE', 'TRUE'],
    [{ type: ['integer', 'null'] }, '', null],
    [{ type: ['integer', 'string'] }, '5', '5'],
    [{ type: 'string' }, '', ''],
    [{ enum: [1, 2] }, '2', 2],
    [{ enum: ['1', 2] }, '2', '2'],
    [{ const: true }, 'true', true],
    [{}, '5', '5'],
  ])('%j takes %j as %j', ([schema, text, value]) => {
    expect(coerce(schema, text)).toBe(value);
  });

  it.for<[PropertySchema, string, unknown]>([
    [{ $ref: '#/$defs/count' }, '5', 5],
    [{ $ref: '#/$defs/a~1b%20c' }, 'true', true],
    [{ $ref: '#/$defs/again' }, '5', '5'],
    [{ $ref: '#/$defs/nowhere' }, '5', '5'],
    [{ $ref: 'https://example.com/x' }, '5', '5'],
    [{ allOf: [{ minimum: 3 }, { $ref: '#/$defs/count' }] }, '5', 5],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'true', true],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, '5', 5],
    [{ oneOf: [{ type: 'integer' }, { type: 'string' }] }, '5', '5'],
    [{ oneOf: [{ type: 'integer' }, { minLength: 3 }] }, '5', '5'],
    [{ anyOf: [{ type: 'number' }, { type: 'null' }] }, '', null],
  ])('%j takes %j as %j, wherever the type is', ([schema, text, value]) => {
    const $defs = {
      count: { type: 'integer' },
      'a/b c': { type: 'boolean' },
      again: { allOf: [{ $ref: '#/$defs/again' }] },
    };
    const coercion = coercionOf({ type: 'object', $defs, properties: { a: schema } }, 'a');
    expect(coercion ? coercion(text) : text).toBe(value);
  });

  it('takes no property that the schema only inherits', () => {
    expect(coercionOf({ type: 'object', properties: {} }, 'toString')).toBeUndefined();
  });
});
