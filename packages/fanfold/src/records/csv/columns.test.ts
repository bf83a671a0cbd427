import { describe, expect, it } from 'vitest';
import { RecordError } from '../record-error.ts';
import { type ColumnPolicy, takeColumns } from './columns.ts';

const SCHEMA: ColumnPolicy = { required: ['id', 'units'], known: ['id', 'units', 'note'] };

function names(header: readonly string[], policy: Partial<ColumnPolicy> = {}): readonly string[] | string {
  try {
    return takeColumns(header, { ...SCHEMA, ...policy }).map(({ index, name }) => `${index}:${name}`);
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError);
    expect((error as RecordError).code).toBe('WrongHeader');
    return (error as RecordError).message;
  }
}

describe('the columns of a file', () => {
  it.each<[string, readonly string[], Partial<ColumnPolicy>, readonly string[]]>([
    ['come in any order', ['units', 'id'], {}, ['0:units', '1:id']],
    ['may be more than are known', ['id', 'x', 'units'], {}, ['0:id', '1:x', '2:units']],
    ['that nobody knows are dropped', ['x', 'id', 'units'], { extra: 'drop' }, ['1:id', '2:units']],
    ['may be missing', ['id'], { missing: 'ignore' }, ['0:id']],
    ['have new names', ['ID', 'qty'], { renamed: { ID: 'id', qty: 'units', gone: 'note' } }, ['0:id', '1:units']],
    [
      'may be named like what every object has',
      ['id', 'units', 'toString'],
      { extra: 'fail', known: ['toString'] },
      ['0:id', '1:units', '2:toString'],
    ],
  ])('%s', (_, header, policy, expected) => expect(names(header, policy)).toEqual(expected));

  it.each<[string, readonly string[], Partial<ColumnPolicy>, RegExp]>([
    ['a required one is missing', ['id', 'note'], {}, /no column "units", which the schema requires/],
    ['a known one is missing', ['id', 'units'], { missing: 'fail' }, /no column "note", which the schema knows/],
    ['nobody knows one', ['id', 'units', 'x', 'y'], { extra: 'fail' }, /Its column "x", "y" is not in the schema/],
    [
      'two are the same',
      ['id', 'units', 'qty'],
      { renamed: { qty: 'units' } },
      /Its columns "units", "qty" are the same, "units"/,
    ],
    ['several things are wrong', ['x'], { extra: 'fail' }, /no column "id", "units".*Its column "x"/],
  ])('fail when %s', (_, header, policy, message) => expect(names(header, policy)).toMatch(message));
});
