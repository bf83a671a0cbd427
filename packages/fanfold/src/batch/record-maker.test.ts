import { describe, expect, it } from 'vitest';
import { csvCutter, type EmptyPolicy } from '../records/index.ts';
import { type ReadRecord, recordMaker } from './record-maker.ts';

const COLUMNS = ['a', 'b', 'c'].map((name, index) => ({ index, name }));

function made(line: string, policy: EmptyPolicy): unknown {
  const cutter = csvCutter({ header: ['a', 'b', 'c'], missingFields: 'fill' });
  cutter.expectFields(3);
  cutter.feed(Buffer.from(line), true);
  return recordMaker(COLUMNS, policy)(cutter.cut()[0] as ReadRecord);
}

describe('empty cells', () => {
  it.each<[string, string, EmptyPolicy, unknown]>([
    ['are texts', 'x,,""', {}, { a: 'x', b: '', c: '' }],
    ['are missing', 'x,,y', { empty: 'missing' }, { a: 'x', c: 'y' }],
    ['in quotes mean something else', 'x,,""', { empty: 'null', quoted: 'missing' }, { a: 'x', b: null }],
    ['are blank', 'x, ,\t', { blank: 'missing' }, { a: 'x' }],
    ['have a word for it', 'NULL,null,"NULL"', { word: 'null' }, { a: null, b: 'null', c: null }],
    ['have other words for it', 'NULL,-,n/a', { word: 'missing', words: ['-', 'n/a'] }, { a: 'NULL' }],
    ['are not there', 'x', { cut: 'missing', empty: 'null' }, { a: 'x' }],
    ['are not there, and null', 'x,', { cut: 'null', empty: 'missing' }, { a: 'x', c: null }],
    [
      'are rejected, each with its reason',
      ',NULL, ',
      { empty: 'reject', word: 'reject', blank: 'reject' },
      [
        { field: 'a', message: 'is empty' },
        { field: 'b', message: 'stands for nothing' },
        { field: 'c', message: 'is blank' },
      ],
    ],
    [
      'that are cut off are rejected by themselves',
      'x,y',
      { empty: 'null' },
      [{ field: 'c', message: expect.stringContaining('too short') }],
    ],
  ])('%s', (_, line, policy, expected) => expect(made(line, policy)).toEqual(expected));
});
