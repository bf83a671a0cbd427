import { describe, expect, it } from 'vitest';
import { REJECT_COLUMNS } from './reject.ts';
import type { StandardResult, StandardSchema } from './schema.ts';
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
