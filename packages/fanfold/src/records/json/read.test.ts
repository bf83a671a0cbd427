import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, parseJson } from '../../json.ts';
import { RecordError } from '../record-error.ts';
import { detectEncoding } from '../text/encoding.ts';
import { type HostileCase, hostileBytes, hostileCases } from '../../testing/records/hostile.ts';
import { failureOf, gather, inPieces } from '../../testing/records/streams.ts';
import { type JsonItemsOptions, readJsonItems } from './read.ts';
import type { JsonRecord } from './types.ts';

const read = async (bytes: Buffer | string, options: JsonItemsOptions = {}, size = 1000): Promise<JsonRecord[]> =>
  gather(readJsonItems(inPieces(bytes, size), { windowBytes: size, ...options }));

async function failure(bytes: Buffer | string, options: JsonItemsOptions = {}, size = 1000): Promise<RecordError> {
  const error = await failureOf(read(bytes, options, size));
  expect(error).toBeInstanceOf(RecordError);
  return error as RecordError;
}

describe('readJsonItems', () => {
  it.each([
    ['an array', '[1, {"a":[2,{}]}, "x" ,null,[ ]]', '', ['1', '{"a":[2,{}]}', '"x"', 'null', '[ ]']],
    ['an empty array', ' [ ] ', '', []],
    ['an array in an object', '{"a":{"x":[1]},"b":[2,3],"c":4}', '/b', ['2', '3']],
    ['an array in arrays', '[[0],[[1,2],[3]]]', '/1/0', ['1', '2']],
    ['names that need escapes', '{"a/b":{"c~d":[1]}}', '/a~1b/c~0d', ['1']],
    ['a name written with escapes', '{"\\u0061":[1]}', '/a', ['1']],
    ['an empty name', '{"":[1]}', '/', ['1']],
    [
      'brackets and quotes in strings',
      '["]}\\"[{", "\\\\", {"k]":"\\\\\\""}]',
      '',
      ['"]}\\"[{"', '"\\\\"', '{"k]":"\\\\\\""}'],
    ],
    ['a byte order mark', '\ufeff[1]', '', ['1']],
  ])('reads %s', async (_, text, pointer, expected) => {
    for (const size of [1, 2, 3, 1000])
      expect((await read(text, { pointer }, size)).map((record) => record.text)).toEqual(expected);
  });

  it('gives the members of an object with their keys', async () => {
    const members = await read('{"a":{"k":1,"__proto__":[2]}}', { pointer: '/a' }, 2);
    expect(members.map(({ key, value }) => [key, value])).toEqual([
      ['k', 1],
      ['__proto__', [2]],
    ]);
  });

  it('says of each element where it is', async () => {
    expect(await read('{"é":\n[1,\n "x",\n {"a":\n2}]}', { pointer: '/é' }, 4)).toEqual([
      { kind: 'record', value: 1, text: '1', line: 2, byteOffset: 8, byteLength: 1 },
      { kind: 'record', value: 'x', text: '"x"', line: 3, byteOffset: 12, byteLength: 3 },
      { kind: 'record', value: { a: 2 }, text: '{"a":\n2}', line: 4, byteOffset: 18, byteLength: 8 },
    ]);
  });

  it.each([
    ['InvalidJson', '', '', 'it is empty'],
    ['InvalidJson', '[1,2', '', 'ends before it is complete'],
    ['InvalidJson', '[1,]', '', '"]" is no value'],
    ['InvalidJson', '[1]]', '', 'behind the end'],
    ['InvalidJson', '{"a":[1],"b":tru}', '/a', 'line 1, at byte 13'],
    ['InvalidJson', '{"a":[1],"a":[2]}', '/a', 'is there twice'],
    ['InvalidJson', '{"a":[1],"a":"x"}', '/a', 'is there twice'],
    ['PointerNotFound', '{"a":[1]}', '/b', 'leads nowhere'],
    ['PointerNotFound', '{"a":1}', '/a/b', 'leads nowhere'],
    ['PointerNotFound', '{"a":1}', '/a', 'not to an array'],
    ['PointerNotFound', '7', '', 'not to an array'],
    ['BadOption', '[]', 'a', 'does not start with'],
    ['BadOption', '[]', '/~2', 'not followed by'],
  ])('fails with %s for %j and the pointer %j', async (code, text, pointer, message) => {
    for (const size of [1, 2, 1000]) {
      const error = await failure(text, { pointer }, size);
      expect([error.code, error.message.includes(message), error.message]).toEqual([code, true, error.message]);
    }
  });

  it.each(['{"a":1}', '{}', ' {"a":{"b":2},"c":3}'])(
    'gives no members of %s where only an array is wanted',
    async (text) => {
      expect(await failure(text, { members: 'refuse' })).toMatchObject({ code: 'PointerNotFound', line: 1 });
      expect(await read(`{"list":[1],"more":${text}}`, { pointer: '/list', members: 'refuse' })).toHaveLength(1);
    },
  );

  it('refuses an element that is too large without holding it', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[1,\n"');
      for (; given < 1000; given++) yield Buffer.alloc(65_536, 'x');
    }
    const error = await failureOf(gather(readJsonItems(endless())));
    expect(error).toMatchObject({ code: 'RecordTooLarge', line: 2 });
    expect(given).toBeLessThan(100);
  });

  it('streams an array of a million numbers', async () => {
    const part = Buffer.from('1234567,'.repeat(100_000));
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[');
      for (let i = 0; i < 10; i++) yield part;
      yield Buffer.from('0]');
    }
    let count = 0;
    for await (const batch of readJsonItems(source())) count += batch.length;
    expect(count).toBe(1_000_001);
  });

  it('gives what JSON.parse gives, for any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 3 })),
        fc.jsonValue({ maxDepth: 2 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(0, 1, 3),
        async (items, other, size, indent) => {
          const text = JSON.stringify({ before: other, items, after: [other] }, undefined, indent);
          const records = await read(text, { pointer: '/items' }, size);
          const same = JSON.parse(JSON.stringify(items)) as Json;
          expect(records.map(({ value }) => value)).toEqual(same);
          const bytes = Buffer.from(text);
          for (const { byteOffset, byteLength, text: part, line } of records) {
            expect(bytes.subarray(byteOffset, byteOffset + byteLength).toString()).toBe(part);
            expect(bytes.subarray(0, byteOffset).toString().split('\n').length).toBe(line);
          }
        },
      ),
    );
  });

  it('accepts and refuses what JSON.parse does, and loses no number that is too large for it, for documents with a byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom(...'[]{},:"\\ \n01-e.tnx'),
        fc.integer({ min: 1, max: 9 }),
        async (value, position, char, size) => {
          const whole = JSON.stringify([value, { a: value }]);
          const at = position % whole.length;
          const text = whole.slice(0, at) + char + whole.slice(at + 1);
          const expected = parsed(text);
          const found = await read(text, {}, size).catch((error: unknown) => error);
          if (!Array.isArray(expected)) expect(found).toBeInstanceOf(RecordError);
          else expect((found as JsonRecord[]).map((record) => record.value)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Elements by their index, members by their name. */
function put(records: readonly JsonRecord[]): unknown {
  return Object.entries(Object.fromEntries(records.map(({ key, value }, index) => [key ?? index, value])));
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

describe('hostile JSON', () => {
  const cases = hostileCases('json').map((entry): [string, HostileCase] => [entry.id, entry]);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  it.each(cases)('%s', async (_, entry) => {
    const bytes = hostileBytes(entry);
    const { verdict } = entry.expect;
    for (const size of [1, 7, 1000]) {
      const direct = await read(bytes, {}, size).catch((error: unknown) => error);
      const between = Buffer.concat([Buffer.from('{"before":'), bytes, Buffer.from(',"items":[7]}')]);
      const passed = await read(between, { pointer: '/items' }, size).catch((error: unknown) => error);
      for (const found of [direct, passed]) if (!Array.isArray(found)) expect(found).toBeInstanceOf(RecordError);
      if (verdict === 'accept' || verdict === 'safe') {
        expect(passed).toMatchObject([{ value: 7 }]);
        const value = JSON.parse(decoder.decode(bytes)) as unknown;
        if (typeof value !== 'object' || value === null) expect(direct).toMatchObject({ code: 'PointerNotFound' });
        else expect(put(direct as JsonRecord[])).toEqual(Object.entries(value));
      }
      // One that is marked as UTF-16 is decoded: either is documented.
      if (verdict === 'reject' && !detectEncoding(bytes).name.startsWith('utf-16'))
        for (const found of [direct, passed]) expect(found).toBeInstanceOf(RecordError);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }
  });
});
