import { describe, expect, it } from 'vitest';
import { loadProject } from '../app/load-project.ts';
import { BATCHES, makeBatchFolder } from '../testing/batch-folder.fixture.ts';
import { schemaProblems } from './json-schema.ts';

async function problems(schema: object): Promise<readonly string[]> {
  return schemaProblems({ type: 'object', properties: {}, ...schema });
}

describe('a JSON Schema that is none', () => {
  it.for<[what: string, schema: object, told: readonly string[]]>([
    [
      'a type that there is not',
      { properties: { n: { type: 'intger' } } },
      [
        'schema.properties.n.type is "intger": it must be one of "array", "boolean", "integer", "null", "number", "object", "string".',
      ],
    ],
    [
      'two things',
      { properties: { n: { minimum: '3' } }, required: 'n' },
      ['schema.required is "n": it must be array.', 'schema.properties.n.minimum is "3": it must be number.'],
    ],
    [
      'keywords that there are not',
      { properties: { a: { maxLen: 3 }, b: { type: 'integer' }, c: { anyOf: [{ minLen: 1 }] } }, required: ['a', 'b'] },
      [
        'schema.properties.a is {"maxLen":3}: strict mode: unknown keyword: "maxLen". Correct it.',
        'schema.properties.c is {"anyOf":[{"minLen":1}]}: strict mode: unknown keyword: "minLen". Correct it.',
      ],
    ],
    [
      'a keyword that there is not, of all columns',
      { properties: { a: {} }, requires: ['a'] },
      ['schema: strict mode: unknown keyword: "requires". Correct it.'],
    ],
    [
      'a format that there is not',
      { properties: { n: { type: 'string', format: 'datum' } } },
      [
        'schema.properties.n is {"type":"string","format":"datum"}: unknown format "datum" ignored in schema at path "#/properties/n". Correct it.',
      ],
    ],
    [
      'a pattern that is none',
      { properties: { n: { pattern: '(' } } },
      ['schema.properties.n is {"pattern":"("}: Invalid regular expression: /(/u: Unterminated group. Correct it.'],
    ],
    [
      'a reference that leads nowhere',
      { properties: { n: { $ref: '#/$defs/x' } }, $defs: { y: {} } },
      ['schema.properties.n is {"$ref":"#/$defs/x"}: can\'t resolve reference #/$defs/x from id #. Correct it.'],
    ],
    [
      'another draft',
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      [
        'schema.$schema is "http://json-schema.org/draft-04/schema#". Use draft 7, 2019-09 or 2020-12, or leave it out.',
      ],
    ],
    [
      'one that would let everything through',
      { $async: true },
      ['schema.$async is true. Leave it out; a Standard Schema may be asynchronous.'],
    ],
  ])('is told with its place: %s', async ([, schema, told]) => {
    expect(await problems(schema)).toEqual(told);
  });

  it('is told when the project is loaded', async () => {
    const folder = makeBatchFolder({
      prefix: 'fanfold-schema-',
      module: `import { batch } from '${BATCHES}';
        export default batch({ name: 'orders', source: { bucket: 'files', prefix: 'in/' },
          schema: { type: 'object', properties: { n: { type: 'integer', minimun: 3 } } },
          sinks: [{ object: 'out/{file}' }] });`,
    });
    await expect(loadProject(folder)).rejects.toThrow(
      'The schema of the batch "orders", in ./orders.batch.ts, is no JSON Schema:\n  schema.properties.n is {"type":"integer","minimun":3}: strict mode: unknown keyword: "minimun".',
    );
  });
});

it.each([{}, { $schema: 'https://json-schema.org/draft/2020-12/schema' }, { additionalProperties: false }])(
  'has nothing to say about %j',
  async (schema) => {
    expect(await problems(schema)).toEqual([]);
  },
);
