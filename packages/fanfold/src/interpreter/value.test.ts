import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { Value } from './value.ts';

it('keeps the text it came with, and parses it when asked', () => {
  const value = Value.ofText(' [1,  2 ] ');
  expect([value.text, value.json]).toEqual([' [1,  2 ] ', [1, 2]]);
  expect(value.json).toBe(value.json);
});

it('makes text and form from each other', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const value = Value.ofJson(json as Json);
      expect(value.text).toBe(JSON.stringify(json));
      expect(Value.ofText(value.text).json).toEqual(JSON.parse(value.text));
      expect(value.bytes).toBe(Buffer.byteLength(value.text));
      expect(JSON.stringify({ value })).toBe(JSON.stringify({ value: json }));
    }),
  );
});

it('counts UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(Value.ofJson(text).bytes).toBe(Buffer.byteLength(JSON.stringify(text)));
    }),
  );
});

it('joins values to an array without reading them', () => {
  const unread = Value.ofText('{ not read');
  expect(Value.array([unread, Value.ofJson([1]), Value.ofText(' 2')]).text).toBe('[{ not read,[1], 2]');
  expect(Value.array([]).json).toEqual([]);
});

it('refuses outside text that is not JSON', () => {
  for (const text of ['', 'x', '{a:1}', '[1,]', "'a'"]) expect(() => Value.parse(text)).toThrow(SyntaxError);
});

it('loads a text that lies elsewhere when it is first asked for, and once', () => {
  let loads = 0;
  const value = Value.lazy(() => {
    loads += 1;
    return '[1]';
  });
  value.write();
  expect(loads).toBe(0);
  expect([value.json, value.text, loads]).toEqual([[1], '[1]', 1]);
});

describe('the size of a value', () => {
  const texts = ['', 'x', 'é', '😀', 'a'.repeat(500), 'ü'.repeat(500)].map((text) => JSON.stringify(text));
  const whole = (text: string): Value[] => [Value.ofText(text), Value.parse(text), Value.lazy(() => text)];
  const arrays = [0, 1, 2, 3].flatMap((count) =>
    texts.map((text) => [
      Value.array(Array.from({ length: count }, () => Value.ofText(text))),
      Value.array(Array.from({ length: count }, () => Value.lazy(() => text))),
      Value.ofText(`[${Array.from({ length: count }, () => text).join(',')}]`),
    ]),
  );

  it('is the same whatever it is made of', () => {
    for (const same of [...texts.map(whole), ...arrays])
      for (const value of same) {
        const { units } = value;
        expect(units).toBe(value.text.length);
        expect(value.units).toBe(units);
        expect(value.bytes).toBe(Buffer.byteLength(value.text));
      }
  });

  it('is held against a limit without joining', () => {
    for (const values of arrays) {
      const bytes = Buffer.byteLength((values.at(-1) as Value).text);
      for (const value of values) {
        expect(value.exceeds(bytes)).toBe(false);
        expect(value.exceeds(bytes - 1)).toBe(true);
      }
    }
  });
});
