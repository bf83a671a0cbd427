import { describe, expect, it } from 'vitest';
import { formatOfFile, readSource } from './read-source.ts';
import { readYaml } from './yaml.ts';

describe('reads what stands for JSON', () => {
  it.each([
    ['a: 1\nb:\n  - x\n  - {c: 2.5}\n', { a: 1, b: ['x', { c: 2.5 }] }],
    ['a: yes\nb: 2020-01-01\nc: "1"\nd: ~\ne: true', { a: 'yes', b: '2020-01-01', c: '1', d: null, e: true }],
    ['1: a\ntrue: b\n', { 1: 'a', true: 'b' }],
    ['a: &x [1, 2]\nb: *x\n', { a: [1, 2], b: [1, 2] }],
    ['a: |\n  {% $states.input\n     .b %}\n', { a: '{% $states.input\n   .b %}\n' }],
    ['{"StartAt": "A"}', { StartAt: 'A' }],
    ['"<<": 1', { '<<': 1 }],
  ])('%j', (text, json) => {
    expect(readYaml(text)).toMatchObject({ ok: true, value: { json } });
  });

  it('keeps __proto__ a plain key', () => {
    const read = readYaml('__proto__:\n  polluted: 1');
    expect(read.ok && Object.keys(read.value.json as object)).toEqual(['__proto__']);
  });

  it('knows where everything stands', () => {
    const read = readYaml('States:\n  A:\n    Catch:\n      - Next: B\n');
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.positionOf(['States', 'A'])).toEqual({ line: 2, column: 3 });
    expect(read.value.positionOf(['States', 'A', 'Catch', 0, 'Next'])).toEqual({ line: 4, column: 9 });
    expect(read.value.positionOf(['States', 'B'])).toBeUndefined();
  });

  it('tells keys that stand twice and numbers that lost digits', () => {
    const read = readYaml('a: 1\na: 12345678901234567890\n');
    expect(read).toMatchObject({ value: { duplicates: [['a']], rounded: [['a']] } });
  });
});

describe('refuses', () => {
  it.each([
    ['a tag', 'a: !!binary aGk=', 'Tags such as', 1],
    ['a tag of its own', '\na: !Sub x', 'Tags such as !Sub', 2],
    ['a merge key', 'x: &x {a: 1}\ny:\n  <<: *x\n', 'Merge keys', 3],
    ['a value that JSON has not', 'a: .inf', '.inf has no JSON form', 1],
    ['a key that is no text', '? [a]\n: 1', 'A key must be a text', 1],
    ['an alias without an anchor', 'a: *b', 'There is no anchor &b', 1],
    ['two documents', 'a: 1\n---\nb: 2\n', 'The file has several YAML documents', 2],
    ['broken YAML', 'a: [1', 'Flow sequence', 1],
    ['half of a surrogate pair', 'a: "\\ud800"', 'surrogate', 1],
  ])('%s', (_, text, message, line) => {
    expect(readYaml(text)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_JSON_DESCRIPTION', message: expect.stringContaining(message), line },
    });
  });

  it('aliases that stand for too much', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${Array(10).fill(i ? `*a${i - 1}` : 'x')}]`);
    expect(readYaml(lines.join('\n'))).toMatchObject({
      error: { message: expect.stringContaining('The aliases stand for') },
    });
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['closed brackets', '['.repeat(1001) + ']'.repeat(1001)],
    ['lists', '- '.repeat(50_000)],
    ['an alias of itself', 'a: &a [*a]'],
  ])('deep %s', (_, text) => {
    expect(readYaml(text)).toMatchObject({ ok: false, error: { code: 'TOO_DEEPLY_NESTED' } });
  });

  it('a text that is too long', () => {
    expect(readYaml(' '.repeat(4 * 1024 * 1024 + 1))).toMatchObject({ ok: false });
  });
});

it('is loaded for YAML only', async () => {
  expect(await readSource('a: 1', 'yaml')).toMatchObject({ ok: true });
  expect(await readSource('a: 1')).toMatchObject({ ok: false });
});

it.each([
  ['m.asl.yaml', 'yaml'],
  ['m.YML', 'yaml'],
  ['m.jsonc', 'jsonc'],
  ['m.asl.json', 'json'],
  ['m.asl', 'json'],
])('%s is %s', (name, format) => {
  expect(formatOfFile(name)).toBe(format);
});
