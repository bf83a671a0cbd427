import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { readJson } from './json.ts';
import type { Pointer } from './source.ts';

function problem(text: string): string {
  const read = readJson(text);
  if (read.ok) throw new Error(`was read: ${text}`);
  return read.error.message.split('\n at ')[0] ?? '';
}

describe('says what is wrong as AWS does', () => {
  const VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  it.each([
    ['not a definition', `Unrecognized token 'not': was expecting ${VALUE}`],
    ['{"a":}', `Unexpected character ('}' (code 125)): expected a valid value ${VALUE}`],
    ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"],
    ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"],
    ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"],
    ['{"a":1 "b":2}', `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`],
    ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"],
    ['[1,]', `Unexpected character (']' (code 93)): expected a valid value ${VALUE}`],
    ['[1}', "Unexpected character ('}' (code 125)): was expecting comma to separate Array entries"],
    ['"\\q"', "Unrecognized character escape 'q' (code 113)"],
    ['"\\u12g4"', 'expected four hex-digits for character escape sequence'],
    ['"a', 'Unexpected end-of-input: was expecting closing quote for a string value'],
    ['{"a', 'Unexpected end-of-input: was expecting closing quote for name'],
    [
      '"\t"',
      'Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in a string value',
    ],
    ['01', "Invalid numeric value: '01'"],
    ['[+1]', "Invalid numeric value: '+1'"],
    ['1.', "Invalid numeric value: '1.'"],
    ['-', "Invalid numeric value: '-'"],
    ['[1e400]', 'Numeric value (1e400) out of range'],
    ['NaN', `Unrecognized token 'NaN': was expecting ${VALUE}`],
    ['{} {}', "Unexpected character ('{' (code 123)): expected the end of the text"],
    ['"\\ud800"', 'Half of a surrogate pair stands alone in a string value: such text cannot be stored'],
    ['', 'No content to map due to end-of-input'],
    ['\uFEFF', 'No content to map due to end-of-input'],
  ])('%j', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it('comments, where none are allowed', () => {
    expect(problem('{/*x*/}')).toMatch(
      /^Unexpected character \('\/' \(code 47\)\): maybe a \(non-standard\) comment\?/,
    );
  });

  it('with the place in its own form, and as line and column', () => {
    const place = '[Source: (String)"not a definition"; line: 1, column: 4]';
    expect(readJson('not a definition')).toEqual({
      ok: false,
      error: {
        severity: 'ERROR',
        code: 'INVALID_JSON_DESCRIPTION',
        message: `Unrecognized token 'not': was expecting ${VALUE}\n at ${place}`,
        location: place,
        line: 1,
        column: 1,
      },
    });
    expect(readJson('{\n  "a": 1\r\n  "b": 2\n}')).toMatchObject({ error: { line: 3, column: 3 } });
    expect(readJson('[')).toMatchObject({
      error: { message: expect.stringContaining('(start marker at [Source: (String)"["; line: 1, column: 1])') },
    });
  });

  it('shows no more than the start of a long text', () => {
    const read = readJson(`x${' '.repeat(10_000)}`);
    expect(read).toMatchObject({ error: { location: expect.stringContaining('"[truncated 9501 chars]; line: 1') } });
  });
});

describe('bounds', () => {
  it('refuses deep nesting, however deep', () => {
    for (const depth of [1002, 100_000]) {
      const text = `${'[{"a":'.repeat(depth / 2)}1`;
      expect(readJson(text)).toMatchObject({ ok: false, error: { code: 'TOO_DEEPLY_NESTED' } });
    }
    expect(readJson('['.repeat(1000) + ']'.repeat(1000)).ok).toBe(true);
  });

  it('keeps __proto__ a plain key', () => {
    const read = readJson('{"__proto__": {"polluted": 1}, "constructor": 2}');
    expect(read.ok && Object.keys(read.value.json as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes the last of two keys, and tells', () => {
    const read = readJson('{"a": {"b": 1, "c": 2, "b": 3}}');
    expect(read).toMatchObject({ ok: true, value: { json: { a: { b: 3, c: 2 } }, duplicates: [['a', 'b']] } });
  });

  it('tells which whole numbers lost digits', () => {
    const read = readJson('[9007199254740991, 9007199254740993, 1e30, 12345678901234567890]');
    expect(read.ok && read.value.rounded).toEqual([[1], [3]]);
  });
});

describe('positions', () => {
  const text = '\uFEFF{\n  "a": [10,\r\n    {"b/c": null}],\r"": 1 }';
  const read = readJson(text);
  it.each<[Pointer, object | undefined]>([
    [[], { line: 1, column: 2 }],
    [['a'], { line: 2, column: 3 }],
    [['a', 0], { line: 2, column: 9 }],
    [['a', 1], { line: 3, column: 5 }],
    [['a', 1, 'b/c'], { line: 3, column: 6 }],
    [[''], { line: 4, column: 1 }],
    [['b'], undefined],
    [['a', 2], undefined],
    [['a', 'a'], undefined],
    [['toString'], undefined],
  ])('%j', (pointer, expected) => {
    expect(read.ok && read.value.positionOf(pointer)).toEqual(expected);
  });
});

describe('comments and trailing commas', () => {
  it('are taken when asked for', () => {
    const text = '// a\n{ /* b */ "a": [1, // c\n 2,], "b": "// no", }\n/* end */';
    expect(readJson(text, { comments: true })).toMatchObject({ ok: true, value: { json: { a: [1, 2], b: '// no' } } });
    expect(readJson(text).ok).toBe(false);
  });
  it.each(['[,]', '{,}', '[1,,]', '/* x', '{"a":1} /'])('%j is still refused', (text) => {
    expect(readJson(text, { comments: true }).ok).toBe(false);
  });
});

it('reads whatever JSON.parse reads, to the same value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(4), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent);
      const read = readJson(pretty);
      expect(read.ok && read.value.json).toEqual(JSON.parse(pretty) as Json);
    }),
  );
});

it('refuses whatever JSON.parse refuses', () => {
  const fragments = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
    '\\',
    '"',
  );
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(readJson(text).ok).toBe(valid);
    }),
    { numRuns: 1000 },
  );
});
