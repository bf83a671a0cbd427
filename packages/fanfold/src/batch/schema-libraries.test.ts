/** Schemas of the libraries that speak Standard Schema: their types reach `process`, their checks the records. */
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { batch } from './batch.ts';
import type { Schema } from './schema.ts';
import { createValidator } from './validator.ts';

interface Order {
  id: string;
  units: number;
}

const rest = {
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/' },
  sinks: [{ object: 'out/{file}', format: 'jsonl' }],
} as const;

const ZOD = z.object({ id: z.string().min(1), units: z.coerce.number().int().positive() });
const VALIBOT = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  units: v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1)),
});
const ARKTYPE = type({ id: 'string > 0', units: 'string.integer.parse |> number > 0' });

it('gives process the type that a schema lets through', () => {
  batch({ ...rest, schema: ZOD, process: (record) => void expectTypeOf(record).toEqualTypeOf<Order>() });
  batch({ ...rest, schema: VALIBOT, process: (record) => void expectTypeOf(record).toEqualTypeOf<Order>() });
  batch({ ...rest, schema: ARKTYPE, process: (record) => void expectTypeOf(record).toEqualTypeOf<Order>() });
  // @ts-expect-error There is no such column.
  const wrong = () => batch({ ...rest, schema: ZOD, process: ({ unit }) => ({ unit }) });
  expect(wrong).toBeTypeOf('function');
});

describe.each<[string, Schema]>([
  ['zod', ZOD],
  ['valibot', VALIBOT],
  ['arktype', ARKTYPE],
])('a schema of %s', (_, schema) => {
  it('makes the record, and says which column does not fit', async () => {
    const { validate } = await createValidator(schema, ['id', 'units']);
    expect(await validate({ fields: ['a', '7'] })).toEqual({ kind: 'valid', record: { id: 'a', units: 7 } });
    const { kind, ...refused } = (await validate({ fields: ['', 'many'] })) as {
      readonly kind: string;
      readonly reasons: readonly { readonly field?: string; readonly message: string }[];
    };
    expect(kind).toBe('invalid');
    expect(refused.reasons.map(({ field }) => field)).toEqual(expect.arrayContaining(['id', 'units']));
    for (const { message } of refused.reasons) expect(message).not.toBe('');
  });
});

it('makes a reject of what a schema throws, at once or later', async () => {
  const throws = (): never => {
    throw new Error('cannot say');
  };
  const later: Schema = { '~standard': { version: 1, vendor: 'own', validate: async () => throws() } };
  const async = z.object({ id: z.string().refine(async () => throws()) });
  for (const schema of [z.object({ id: z.string().refine(throws) }), later, async]) {
    const { validate } = await createValidator(schema, ['id']);
    const validated = await validate({ fields: ['a'] });
    expect(validated).toEqual({ kind: 'invalid', reasons: [{ message: 'cannot say' }] });
  }
});

const odd: { readonly message: unknown; readonly name: unknown } = { message: { a: 1 }, name: 7 };

it.each<[string, unknown, string]>([
  ['null', null, 'null'],
  ['an object without a prototype', Object.create(null), 'What was thrown cannot be shown.'],
  ['an error with a message that is no text', Object.assign(new Error('x'), odd), '[object Object]'],
])('makes a reject of a schema that throws %s', async (_, thrown, message) => {
  for (const validate of [() => Promise.reject(thrown), () => raise(thrown)]) {
    const schema: Schema = { '~standard': { version: 1, vendor: 'own', validate } };
    const validator = await createValidator(schema, ['id']);
    expect(await validator.validate({ fields: ['a'] })).toEqual({ kind: 'invalid', reasons: [{ message }] });
  }
});

function raise(thrown: unknown): never {
  throw thrown;
}

it('asks a schema again whose error says that it may be, and anything to be awaited is a promise', async () => {
  const busy = Object.assign(new Error('busy'), { retryable: true });
  for (const fails of [() => Promise.reject(busy), () => raise(busy)]) {
    let calls = 0;
    const validate = (value: unknown) => (++calls < 2 ? fails() : { value: value as object });
    const schema: Schema = { '~standard': { version: 1, vendor: 'own', validate } };
    const validator = await createValidator(schema, ['id']);
    expect(await validator.validate({ fields: ['a'] })).toEqual({ kind: 'valid', record: { id: 'a' } });
    expect(calls).toBe(2);
  }
  // oxlint-disable-next-line unicorn/no-thenable -- what libraries give
  const thenable = { then: (take: (made: object) => void) => take({ value: { id: 'b' } }) };
  const validate = (): never => thenable as never;
  const { validate: later } = await createValidator({ '~standard': { version: 1, vendor: 'own', validate } }, ['id']);
  expect(await later({ fields: ['a'] })).toEqual({ kind: 'valid', record: { id: 'b' } });
});
