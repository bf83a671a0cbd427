import fc from 'fast-check';
import { expect, it } from 'vitest';
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
