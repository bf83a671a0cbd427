import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, inPieces } from '../../testing/records/streams.ts';
import type { BuiltColumn } from './plain.ts';
import { readCsv } from './read.ts';
import type { CsvRecord } from './types.ts';

const HEADER = ['id', '__proto__', 'whole', 'decimal'];
const BUILD: readonly BuiltColumn[] = [
  { index: 0, name: 'id' },
  { index: 1, name: '__proto__' },
  { index: 2, name: 'whole', as: 'integer' },
  { index: 3, name: 'decimal', as: 'number' },
];

async function built(text: string, size = 1000): Promise<(readonly unknown[] | undefined)[]> {
  const entries = await gather(readCsv(inPieces(text, size), { header: HEADER, build: BUILD, windowBytes: size }));
  return entries.map((entry) => {
    const made = (entry as CsvRecord).built;
    return made && HEADER.map((name) => Object.getOwnPropertyDescriptor(made, name)?.value as unknown);
  });
}

describe('building records from their bytes', () => {
  it('makes members of one shape, __proto__ among them', async () => {
    expect(await built('a,b,1,2.5\n')).toEqual([['a', 'b', 1, 2.5]]);
    const [entry] = await gather(readCsv(inPieces('a,b,1,2\n', 9), { header: HEADER, build: BUILD }));
    expect(Object.getPrototypeOf((entry as CsvRecord).built)).toBe(Object.prototype);
    expect((entry as CsvRecord).fields).toEqual(['a', 'b', '1', '2']);
  });

  it.each([
    ['CRLF', 'a,b,1,2\r\nc,d,3,4\r\n', 2],
    ['empty texts', ',,1,2\n', 1],
    ['negative numbers', 'a,b,-1,-0.25\n', 1],
    ['an empty number', 'a,b,,2\n', 0],
    [
      'a number with a plus, an exponent, or no digits',
      'a,b,+1,2\na,b,1,2e3\na,b,-,1\na,b,1,.5\na,b,1,5.\na,b,1,-.5\n',
      0,
    ],
    ['a number that may not be exact', 'a,b,1234567890123456,1\na,b,1,0.123456789012345678\n', 0],
    ['what is no number', 'a,b,1x,2\na,b,1,1.2.3\n', 0],
    ['quotes', '"a",b,1,2\na,"b",1,2\n', 0],
    ['characters beyond ASCII', 'é,b,1,2\n', 0],
    ['too few fields and too many', 'a,b,1\na,b,1,2,3\n', 0],
    ['a CR that ends a record', 'a\rb,c,1,2\n', 1],
    ['an end without a newline', 'a,b,1,2', 0],
  ])('of %s', async (_, text, count) => {
    for (const size of [3, 1000]) expect((await built(text, size)).filter((made) => made)).toHaveLength(count);
  });

  it('reads every number as it is read from its text', async () => {
    const decimal = fc
      .tuple(fc.boolean(), fc.integer({ min: 0, max: 999_999 }), fc.stringMatching(/^[0-9]{1,8}$/))
      .map(([minus, whole, rest]) => `${minus ? '-' : ''}${whole}.${rest}`);
    await fc.assert(
      fc.asyncProperty(fc.integer(), decimal, async (whole, text) => {
        expect(await built(`a,b,${whole},${text}\n`)).toEqual([['a', 'b', whole, Number(text)]]);
      }),
    );
  });

  it('takes quotes for text where the dialect has none', async () => {
    const entries = await gather(readCsv(inPieces('"a,b,1,2\n', 9), { header: HEADER, build: BUILD, quote: null }));
    expect((entries[0] as CsvRecord).built).toMatchObject({ id: '"a' });
  });
});
