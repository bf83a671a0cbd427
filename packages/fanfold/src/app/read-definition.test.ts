import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DefinitionSource, readDefinition } from './read-definition.ts';
import type { Substitutions } from './substitute.ts';

const folder = mkdtempSync(join(tmpdir(), 'fanfold-definitions-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(path: string, content: string, values?: Substitutions): Promise<DefinitionSource> {
  const file = join(folder, path);
  writeFileSync(file, content);
  return readDefinition({ file, path, ...(values && { values }) });
}

describe('reading a definition', () => {
  it('keeps the white space of a JSON file', async () => {
    const { text } = await read('m.json', '{\n  "a" : "${X}" }', { X: 'x' });
    expect(text).toBe('{\n  "a" : "x" }');
  });

  it.for([
    ['m.jsonc', '// why\n{ "a": "${X}", }'],
    ['m.yaml', '# why\na: ${X}\n'],
    ['m.YML', '{ "a": "${X}" }'],
  ])('makes plain JSON of %s', async ([path = '', content = '']) => {
    const { source, text } = await read(path, content, { X: 'x' });
    expect(JSON.parse(text)).toEqual({ a: 'x' });
    expect(source).toMatchObject({ ok: true, value: { json: { a: 'x' } } });
  });

  it.for([
    ['a: ${X}', 'y: z # "\'', { a: 'y: z # "\'' }],
    ['a: "in ${X}"', 'say "hi"\n', { a: 'in say "hi"\n' }],
    ["a: 'in <X-1>'", "it's", { a: "in it's" }],
    ['a: ${X}', 5, { a: 5 }],
    ['a: ${X}', '5', { a: '5' }],
    ['a: "${X}"', 5, { a: '5' }],
    ['a: n${X}', true, { a: 'ntrue' }],
    ['"${X}": 1', 'key', { key: 1 }],
    ['a: ${X}', '${Y}', { a: '${Y}' }],
    ['a: |\n  ${X}\n', 'line\nline', { a: 'line\nline\n' }],
  ] as const)('fills in the YAML %j with %j, whatever is in it', async ([content, value, json]) => {
    const { source } = await read('m.yaml', content, { X: value, 'X-1': value, Y: 'no' });
    expect(source).toMatchObject({ ok: true, value: { json } });
  });

  it('keeps the places of YAML where they are in the file', async () => {
    const { source } = await read('m.yaml', 'a: { x: "${X}", b: 1 }', { X: 'long'.repeat(20) });
    expect(source.ok && source.value.positionOf(['a', 'b'])).toEqual({ line: 1, column: 17 });
  });

  it.for(['m.json', 'm.jsonc', 'm.yaml'])('lists every name in %s that has no value', async (path) => {
    await expect(read(path, '{ "a": "${X} ${Y}", "b": "<Z1>", "c": "${X}" }', { Y: 'y' })).rejects.toThrow(
      `${path} needs values for \${X}, <Z1>. Add them to definitionSubstitutions in the project file.`,
    );
  });

  it('reads places for numbers without quotes as texts where there are no values', async () => {
    const template = await read('m.json', '{ "a": ${X_1}, "b": [${Y} , "c"], "d": "${Z}" }');
    expect(template).toMatchObject({ source: { value: { json: { a: '${X_1}', b: ['${Y}', 'c'], d: '${Z}' } } } });
    const json = '{ "a": ${X}, "b" }';
    expect(await read('m.json', json)).toMatchObject({ source: { ok: false, error: { column: 8 } }, text: json });
    await expect(read('m.json', '{ "a": ${X_1} }', {})).rejects.toThrow('m.json needs values for ${X_1}.');
  });

  it('leaves places alone where there are no values', async () => {
    expect(await read('m.yaml', 'a: ${X}')).toMatchObject({ source: { value: { json: { a: '${X}' } } } });
  });

  it('says where a file cannot be read, and which', async () => {
    expect(await read('m.yaml', 'a: [1\n')).toMatchObject({
      source: { ok: false, error: { line: 2 } },
      text: 'a: [1\n',
    });
    await expect(readDefinition({ file: join(folder, 'none'), path: 'none' })).rejects.toThrow(
      /^none cannot be read: ENOENT/,
    );
  });
});
