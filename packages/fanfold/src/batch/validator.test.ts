import { describe, expect, it } from 'vitest';
import { REJECT_COLUMNS } from './reject.ts';
import type { ObjectSchema, StandardResult, StandardSchema } from './schema.ts';
import { createValidator } from './validator.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string', minLength: 1 },
    n: { type: 'integer' },
    day: { type: 'string', format: 'date' },
    kind: { enum: ['a', 'b'] },
  },
  required: ['id', 'n'],
} as const;
const HEADER = ['n', 'id', 'kind', 'day'];

function standard(
  validate: (value: unknown) => StandardResult<object> | Promise<StandardResult<object>>,
): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('validating records', () => {
  it('takes the columns by their names, with the types that the schema asks for', async () => {
    const { validate } = await createValidator(SCHEMA, HEADER);
    expect(validate({ fields: ['7', 'x', 'b', '2026-01-31'] })).toEqual({
      kind: 'valid',
      record: { n: 7, id: 'x', kind: 'b', day: '2026-01-31' },
    });
  });

  it('tells everything that is wrong with a record, each with its column', async () => {
    const { validate } = await createValidator(SCHEMA, HEADER);
    expect(validate({ fields: ['', '', 'c', '2026-02-30'] })).toEqual({
      kind: 'invalid',
      reasons: expect.arrayContaining([
        { field: 'n', message: 'is missing' },
        { field: 'id', message: 'must NOT have fewer than 1 characters' },
        { field: 'kind', message: 'must be one of "a", "b"' },
        { field: 'day', message: 'must match format "date"' },
      ]),
    });
  });

  it('refuses a file without the columns that the schema requires, before any record', async () => {
    await expect(createValidator(SCHEMA, ['ID', 'n'])).rejects.toThrow('The file has no column "id"');
  });

  it('says what is wrong with a schema that is none', async () => {
    const schema = { type: 'object', properties: { id: { type: 'text' } } } as never;
    await expect(createValidator(schema, ['id'])).rejects.toThrow('is no JSON Schema');
  });

  it.each([
    [undefined, {}],
    ['http://json-schema.org/draft-07/schema#', {}],
    ['https://json-schema.org/draft/2019-09/schema', { dependentRequired: { a: ['b'] } }],
    ['https://json-schema.org/draft/2020-12/schema', { dependentRequired: { a: ['b'] }, unevaluatedProperties: false }],
  ])('takes schemas of the draft %s', async ($schema, more) => {
    const schema = {
      ...($schema && { $schema }),
      type: 'object',
      properties: { a: { type: 'integer' }, b: {} },
      ...more,
    };
    const { validate } = await createValidator(schema as ObjectSchema, ['a', 'b']);
    expect(validate({ fields: ['1', 'x'] })).toEqual({ kind: 'valid', record: { a: 1, b: 'x' } });
    expect(validate({ fields: ['y', 'x'] })).toMatchObject({ kind: 'invalid', reasons: [{ field: 'a' }] });
  });

  it('takes what a schema says in parts, and multiples of a hundredth', async () => {
    const schema: ObjectSchema = {
      type: 'object',
      properties: {
        a: { allOf: [{ type: 'integer' }, { minimum: 3 }] },
        price: { type: 'number', multipleOf: 0.01 },
      },
      if: { properties: { a: { const: 3 } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { properties: { price: { maximum: 1 } } },
    };
    const { validate } = await createValidator(schema, ['a', 'price']);
    const kinds = (rows: readonly string[][]): string[] =>
      rows.map((fields) => (validate({ fields }) as { readonly kind: string }).kind);
    expect(kinds(['0.07', '1.15', '4.35', '8.2', '1234567.89', ''].map((price) => ['5', price]))).toEqual(
      Array.from({ length: 6 }, () => 'valid'),
    );
    expect(
      kinds([
        ['5', '0.001'],
        ['5', '1.155'],
        ['2', '1'],
        ['3', '1.01'],
      ]),
    ).toEqual(Array.from({ length: 4 }, () => 'invalid'));
  });

  it('keeps __proto__ a column like any other', async () => {
    const { validate } = await createValidator(undefined, ['__proto__', 'a']);
    const { record } = (await validate({ fields: ['x', 'y'] })) as { record: object };
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(Object.entries(record)).toEqual([
      ['__proto__', 'x'],
      ['a', 'y'],
    ]);
  });

  it('leaves out the columns of a file of rejects that was dropped again', async () => {
    const { validate } = await createValidator(undefined, ['a', ...REJECT_COLUMNS]);
    expect(validate({ fields: ['x', ...REJECT_COLUMNS] })).toEqual({ kind: 'valid', record: { a: 'x' } });
  });

  it.for([
    ['at once', (result: StandardResult<object>) => result],
    ['later', async (result: StandardResult<object>) => result],
  ] as const)('asks a Standard Schema that answers %s', async ([, answer]) => {
    const good = await createValidator(
      standard((value) => answer({ value: { ...(value as object), made: true } })),
      ['a'],
    );
    expect(await good.validate({ fields: ['x'] })).toEqual({ kind: 'valid', record: { a: 'x', made: true } });
    const bad = await createValidator(
      standard(() => answer({ issues: [{ message: 'no', path: [{ key: 'a' }] }, { message: 'never' }] })),
      ['a'],
    );
    expect(await bad.validate({ fields: ['x'] })).toEqual({
      kind: 'invalid',
      reasons: [{ field: 'a', message: 'no' }, { message: 'never' }],
    });
  });
});
