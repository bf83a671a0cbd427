/** What a value of an output becomes in a file, and what no file can hold. */
import { describe, expect, it } from 'vitest';
import { createByteWriter } from './byte-writer.ts';
import type { ObjectSinkSettings } from './settings.ts';
import { formatOf } from './sink-format.ts';

function written(format: ObjectSinkSettings['format'], output: object, columns = ['a']): string {
  const to = createByteWriter();
  const sink = { kind: 'object', bucket: 'b', object: 'o', format, gzip: false, columns } as const;
  formatOf(sink, { tables: new Map() })(output, to);
  return to.bytes().toString();
}

describe.each(['jsonl', 'json', 'csv'] as const)('as %s', (format) => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is told instead of being lost', (a) => {
    expect(() => written(format, { a })).toThrow(`The output's a is ${a}, which no file can hold.`);
  });

  it('half of a surrogate pair is never replaced', () => {
    const columns = [['a'], ['a', 'b']];
    for (const a of ['\ud800', `${'x'.repeat(300)}\udc00`])
      for (const names of columns)
        if (format === 'csv') expect(() => written(format, { a }, names)).toThrow(/The output's a has half/);
        else expect(written(format, { a }, names)).toContain(JSON.stringify(a));
    expect(written(format, { a: '𝄞' })).toContain('𝄞');
  });
});

it.each(['jsonl', 'json', 'csv'] as const)('names that objects inherit something by are empty in %s', (format) => {
  const columns = ['id', 'constructor', '__proto__'];
  const own = JSON.parse('{"id":1,"constructor":"c","__proto__":"p"}') as object;
  class Output {
    readonly id = 1;
  }
  for (const output of [{ id: 1 }, new Output()])
    expect(written(format, output, columns)).toBe({ csv: '1,,\r\n', jsonl: '{"id":1}\n', json: ',\n{"id":1}' }[format]);
  expect(written(format, own, columns)).toContain(format === 'csv' ? '1,c,p\r\n' : JSON.stringify(own));
});

it('numbers inside of an output are looked at too, and what names itself is not', () => {
  expect(() => written('jsonl', { a: [null, { b: Number.NaN }] })).toThrow("The output's a.1.b is NaN");
  expect(written('jsonl', { a: [null, 'null', { toJSON: () => ({ n: null }) }] })).toBe(
    '{"a":[null,"null",{"n":null}]}\n',
  );
});
